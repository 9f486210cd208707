// The page /try: one message to every demo shop, each with a conversation of its own.
import { element } from "./shared/element.js";
const words = document.getElementById("words").dataset;
const names = JSON.parse(words.names);
const EXAMPLES = {
  zh: ["黑色L码还有货吗什么时候发", "发什么快递", "能开专票吗", "到新疆要运费吗", "退货运费谁出", "有什么赠品", "嗯嗯好的", "T恤会缩水吗"],
  en: ["is the black T-shirt in L in stock", "which courier do you use", "can I get an invoice", "how do I return it", "ok thanks"],
};
const MAX_HISTORY = 20;

function percent(share) {
  // 100 % would claim that it cannot be wrong.
  return `${Math.min(99, Math.round(share * 100))}%`;
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

  clear() {
    for (const old of this.thread.querySelectorAll(".suggestion, .note, .intents")) old.remove();
  }

  async ask(text) {
    const turn = ++this.turn;
    this.clear();
    this.thread.append(element("div", "bubble", text), element("p", "note busy", words.thinking));
    const past = this.history.slice(-MAX_HISTORY);
    this.history.push({ role: "buyer", text });
    const answer = await this.fetch(text, past);
    if (turn !== this.turn) return null; // asked again, or begun anew, in the meantime
    this.clear();
    if (answer.problem) this.thread.append(element("p", "note quiet", answer.problem));
    else this.show(answer);
    return answer.classifier;
  }

  async fetch(text, history) {
    try {
      const response = await fetch(`/try/${this.shop}/suggestions`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text, history }),
      });
      const answer = await response.json();
      if (response.ok) return answer;
      const said = response.status === 422 ? words.unreadable : words.unavailable;
      return { problem: words.lang === "en" ? answer.error.message : `${said}（${answer.error.message}）` };
    } catch {
      return { problem: words.offline };
    }
  }

  show(answer) {
    if (answer.intents.length) {
      const named = answer.intents.map((score) => `${names.intents[score.intent] ?? score.intent} ${percent(score.confidence)}`);
      this.thread.append(element("p", "intents", `${words.intent}: ${named.join(" · ")}`));
    }
    if (answer.silent) {
      const why = answer.reason === "acknowledgement" ? words.acknowledgement : words.nothing;
      this.thread.append(element("p", "note quiet", `${words.silent} · ${why}`));
    }
    answer.suggestions.forEach((suggestion, place) => this.thread.append(this.card(suggestion, place === 0)));
  }

  card(suggestion, isFirst) {
    const card = element("article", isFirst ? "suggestion first" : "suggestion");
    card.append(element("p", "", suggestion.text));
    const line = element("div", "meter");
    const meter = document.createElement("meter");
    meter.value = suggestion.confidence;
    meter.low = 0.5;
    meter.high = 0.8;
    meter.optimum = 1;
    meter.setAttribute("aria-label", words.confidence);
    const entries = element("span", "entry", suggestion.parts.map((part) => part.entry).join(" + "));
    entries.title = words.entry;
    line.append(meter, element("span", "", `${words.confidence} ${percent(suggestion.confidence)}`), entries);
    card.append(line);
    if (suggestion.facts.length) card.append(this.facts(suggestion.facts, isFirst));
    const use = element("button", "use", words.use);
    use.type = "button";
    use.addEventListener("click", () => this.use(suggestion.text));
    card.append(use);
    return card;
  }

  facts(facts, isOpen) {
    const details = element("details", "facts");
    details.open = isOpen;
    details.append(element("summary", "", `${words.facts} ${facts.length}`));
    const origins = new Map(); // facts of one source and one moment name it once
    for (const fact of facts) {
      const asOf = new Date(fact.as_of).toLocaleString(words.htmlLang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
      const origin = `${fact.source} · ${words.asOf} ${asOf}`;
      if (!origins.has(origin)) origins.set(origin, element("dl", ""));
      const value = element("dd", "", fact.value);
      if (fact.stale) value.append(element("span", "stale", words.stale));
      value.dataset.fact = fact.name;
      origins.get(origin).append(element("dt", "", names.facts[fact.name] ?? fact.name), value);
    }
    for (const [origin, list] of origins) details.append(list, element("div", "origin", origin));
    return details;
  }

  use(text) {
    this.clear();
    this.thread.append(element("div", "bubble agent", text));
    this.history.push({ role: "agent", text });
    input.focus();
  }
}

const columns = [...document.querySelectorAll(".shop")].map((section) => new ShopColumn(section));
const input = document.getElementById("text");
const state = document.getElementById("state");
const restart = document.getElementById("restart");

function showState(name) {
  if (!name || name === state.dataset.state) return;
  state.dataset.state = name;
  state.textContent = words[name];
}

async function ask(text) {
  restart.hidden = false;
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

input.addEventListener("keydown", (event) => {
  // The Enter that ends the composing of a Chinese word sends nothing.
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229)) event.preventDefault();
});
document.getElementById("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text) return;
  input.value = "";
  ask(text);
});
restart.addEventListener("click", () => {
  for (const column of columns) column.restart();
  restart.hidden = true;
  input.focus();
});
for (const example of EXAMPLES[words.lang]) {
  const chip = element("button", "", example);
  chip.type = "button";
  chip.addEventListener("click", () => ask(example));
  document.getElementById("examples").append(chip);
}
watchState();
