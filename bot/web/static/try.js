// The page /try: one message to every demo shop, each with a conversation of its own.
const words = document.getElementById("words").dataset;
const EXAMPLES = {
  zh: ["黑色L码还有货吗什么时候发", "发什么快递", "能开专票吗", "到新疆要运费吗", "退货运费谁出", "有什么赠品", "嗯嗯好的", "T恤会缩水吗"],
  en: ["is the black T-shirt in L in stock", "which courier do you use", "can I get an invoice", "how do I return it"],
};

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text; // text nodes only: a buyer's words are never markup
  return node;
}

class ShopColumn {
  constructor(section) {
    this.shop = section.dataset.shop;
    this.thread = section.querySelector(".thread");
    this.history = [];
    this.turn = 0;
    section.style.setProperty("--shop", section.dataset.colour);
  }

  restart() {
    this.turn += 1;
    this.history = [];
    this.thread.replaceChildren();
  }

  async ask(text) {
    const turn = ++this.turn;
    for (const old of this.thread.querySelectorAll(".suggestion, .note, .intents")) old.remove();
    this.thread.append(element("div", "bubble", text));
    const note = element("p", "note", words.thinking);
    this.thread.append(note);
    const past = this.history.slice(-20);
    this.history.push({ role: "buyer", text });
    let answer;
    try {
      const response = await fetch(`/try/${this.shop}/suggestions`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text, history: past }),
      });
      answer = await response.json();
      if (!response.ok) throw new Error(answer.error.message);
    } catch (error) {
      note.textContent = error instanceof TypeError ? words.offline : error.message;
      return null;
    }
    note.remove();
    if (turn === this.turn) this.show(answer);
    return answer.classifier;
  }

  show(answer) {
    if (answer.intents.length) {
      const named = answer.intents.map((score) => `${score.intent} ${Math.round(score.confidence * 100)}%`).join(" · ");
      this.thread.append(element("p", "intents", `${words.intent}: ${named}`));
    }
    if (answer.silent) {
      const why = answer.reason === "acknowledgement" ? words.acknowledgement : words.nothing;
      this.thread.append(element("p", "note", `${words.silent} · ${why}`));
    }
    for (const suggestion of answer.suggestions) this.thread.append(this.card(suggestion));
    this.thread.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  card(suggestion) {
    const card = element("article", "suggestion");
    card.append(element("p", "", suggestion.text));
    const line = element("div", "meter");
    const meter = document.createElement("meter");
    meter.value = suggestion.confidence;
    meter.low = 0.5;
    meter.high = 0.8;
    meter.optimum = 1;
    meter.setAttribute("aria-label", words.confidence);
    line.append(meter, element("span", "", `${words.confidence} ${Math.round(suggestion.confidence * 100)}%`));
    line.append(element("span", "entry", suggestion.parts.map((part) => part.entry).join(" + ")));
    card.append(line);
    if (suggestion.facts.length) card.append(this.facts(suggestion.facts));
    const use = element("button", "use", words.use);
    use.type = "button";
    use.addEventListener("click", () => this.use(suggestion.text));
    card.append(use);
    return card;
  }

  facts(facts) {
    const list = element("ul", "facts");
    for (const fact of facts) {
      const item = element("li", "", "");
      const asOf = new Date(fact.as_of).toLocaleString(words.htmlLang, { dateStyle: "short", timeStyle: "short" });
      item.append(element("b", "", fact.value), ` · ${fact.name} · ${fact.source} · ${words.asOf} ${asOf} `);
      if (fact.stale) item.append(element("span", "stale", words.stale));
      list.append(item);
    }
    return list;
  }

  use(text) {
    for (const old of this.thread.querySelectorAll(".suggestion, .intents")) old.remove();
    this.thread.append(element("div", "bubble agent", text));
    this.history.push({ role: "agent", text });
  }
}

const columns = [...document.querySelectorAll(".shop")].map((section) => new ShopColumn(section));
const input = document.getElementById("text");
const state = document.getElementById("state");

function showState(name) {
  if (!name) return;
  state.dataset.state = name;
  state.textContent = words[name];
}

async function ask(text) {
  const states = await Promise.all(columns.map((column) => column.ask(text)));
  showState(states.find(Boolean));
}

async function watchState() {
  try {
    const response = await fetch("/api/v1/health");
    showState((await response.json()).classifier);
  } catch {
    showState("down");
  }
  if (state.dataset.state !== "ready") setTimeout(watchState, 2000);
}

document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  ask(text);
});
document.getElementById("restart").addEventListener("click", () => {
  for (const column of columns) column.restart();
  input.focus();
});
for (const example of EXAMPLES[words.lang]) {
  const chip = element("button", "", example);
  chip.type = "button";
  chip.addEventListener("click", () => ask(example));
  document.getElementById("examples").append(chip);
}
watchState();
