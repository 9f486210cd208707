// The entry's texts as they would be said, filled with the shop's own facts while they are written.
import { call, fill, make, Refused, say, words } from "../accounts/requests.js";
import { at, base, factName, later, LONGEST, number } from "./pieces.js";

let source = null;
let turn = 0;
let products = [];

const nameOf = (text) => ({ reply: words.reply, fallback: words.fallback })[text.name] ?? words[`case_${text.name}`];

function finding(each) {
  const kind = ["forbidden", "contact"].includes(each.kind) ? each.kind : "foreign";
  return make("p", { class: "notice bad" }, fill(words[kind], { text: each.text }));
}

function rendering(text, said) {
  const isSaid = text.text === said;
  const stale = text.facts.filter((fact) => fact.stale).map((fact) => factName(fact.name));
  const length = [...text.text].length;
  return make("article", { class: "rendering" },
    make("header", {}, make("strong", {}, nameOf(text)),
      make("span", { class: `chip${length > LONGEST ? " bad" : ""}` }, fill(words.characters, { count: number(length) })),
      isSaid && make("span", { class: "chip good" }, words.said),
      stale.length > 0 && make("span", { class: "chip warn" }, `${stale.join(" ")} ${words.stale}`)),
    make("p", { class: `bubble${isSaid ? " said" : ""}` }, text.text),
    text.missing.length > 0 && make("p", { class: "notice warn" }, fill(words.missing, { names: text.missing.map(factName).join(" ") })),
    ...text.guard.findings.map(finding));
}

async function show() {
  if (!source) return;
  if (!at("completions").hidden) return refresh(); // half a variable is no mistake
  const mine = ++turn;
  const entry = source();
  const about = { product: at("p-product").value, sku: at("p-sku").value, order: at("p-order").value.trim(), region: at("p-region").value.trim() };
  try {
    const found = await call("POST", `${base}/entries/preview`, { entry, ...about });
    if (mine !== turn) return;
    say(at("preview-problem"), "");
    const none = found.texts.length ? null : make("p", { class: "empty" }, words.nothing_to_show);
    const unsaid = found.texts.length && found.said === null ? make("p", { class: "notice warn" }, words.not_said) : null;
    at("renderings").replaceChildren(...[none, unsaid, ...found.texts.map((text) => rendering(text, found.said))].filter(Boolean));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (mine === turn) say(at("preview-problem"), Object.values(error.fields)[0] ?? error.message, "bad");
  }
}

function showVariants() {
  const product = products.find((each) => each.id === at("p-product").value);
  at("p-sku").disabled = !product;
  at("p-sku").replaceChildren(make("option", { value: "" }, words.any),
    ...(product?.variants ?? []).map((each) => make("option", { value: each.sku }, each.name)));
}

export const refresh = later(show, 250);

// `read` gives the document as it stands in the form; null ends the preview.
export async function watch(read) {
  source = read;
  at("preview-card").hidden = !read;
  if (!read) return;
  if (!products.length) await load();
  await show();
}

async function load() {
  const material = await call("GET", `${base}/entry-material`);
  products = material.products;
  at("p-product").append(...products.map((each) => make("option", { value: each.id }, each.title)));
  at("orders").replaceChildren(...material.orders.map((each) => make("option", { value: each.order_no }, each.items.join(" "))));
}

at("p-product").addEventListener("change", () => { showVariants(); refresh(); });
for (const id of ["p-sku", "p-order", "p-region"]) at(id).addEventListener("input", refresh);
