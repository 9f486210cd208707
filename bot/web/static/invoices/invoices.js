// The invoices that buyers asked for, and what became of each request.
import { call, fill, make, moment, say, whoAmI, words } from "../accounts/requests.js";
import { at, base as shopBase, number, shop, tell } from "../shared/shop_page.js";

const PAGE = 50;
const base = `${shopBase}/invoice-requests`;
const KINDS = { new: "warn", issued: "good", refused: "bad", cancelled: "" };
const NEXT = { new: ["issued", "refused", "cancelled"], issued: ["new"], refused: ["new"], cancelled: ["new"] };
let known = [];

const line = (name, value) => value && make("p", {}, name && make("span", { class: "soft" }, `${name} `), value);

function copyButton(details) {
  const lines = [details.heading, details.tax_number, details.address, details.phone, details.bank, details.account].filter(Boolean);
  const button = make("button", { type: "button", class: "small quiet", onclick: async () => {
    await navigator.clipboard?.writeText(lines.join("\n"));
    button.textContent = words.copied;
  } }, words.copy);
  return button;
}

async function settle(request, state, note = request.note) {
  say(at("problem"), "");
  try {
    await call("PUT", `${base}/${encodeURIComponent(request.id)}`, { state, note });
    say(at("done"), words.saved, "good");
  } catch (error) {
    tell(error);
  }
  await show();
}

function askWhy(request, state) {
  at("note").value = request.note;
  at("why-form").onsubmit = (event) => {
    event.preventDefault();
    at("why").close();
    settle(request, state, at("note").value.trim());
  };
  at("why").showModal();
}

function buttons(request) {
  return NEXT[request.state].map((state) => make("button", { type: "button", class: `small ${state === "issued" ? "primary" : ""}`.trim(), onclick: () => (["refused", "cancelled"].includes(state) ? askWhy(request, state) : settle(request, state)) }, words[`mark_${state}`]));
}

function row(request) {
  const { details } = request;
  const kind = [details.medium && words[`medium_${details.medium}`], details.type && words[`type_${details.type}`]].filter(Boolean).join(" · ");
  return make("tr", { "data-request": request.id },
    make("td", {}, make("p", {}, moment(request.created_at)), make("a", { class: "small", href: `/workspace#${encodeURIComponent(shop)}/${encodeURIComponent(request.conversation)}` }, words.conversation)),
    make("td", {}, line("", kind), line(words.content, details.content)),
    make("td", {}, make("p", {}, make("b", {}, details.heading || words.a_person)), line(words.tax_number, details.tax_number && make("span", { class: "mono" }, details.tax_number)), line(words.address, details.address), line(words.phone, details.phone), line(words.bank, details.bank), line(words.account, details.account), copyButton(details)),
    make("td", {}, line("", details.order_no && make("span", { class: "mono" }, details.order_no)), details.order_no && !request.order_is_proven && make("span", { class: "chip warn" }, words.unproven), line("", details.amount ? `¥${details.amount}` : words.as_paid)),
    make("td", {}, line("", details.email), line("", details.send_to)),
    make("td", {}, make("span", { class: `chip ${KINDS[request.state]}`.trim() }, words[`state_${request.state}`]), line("", request.note), make("div", { class: "buttons" }, ...buttons(request))));
}

function draw(total) {
  at("requests").replaceChildren(...known.map(row));
  at("requests").closest("table").removeAttribute("aria-busy");
  at("requests").closest("table").hidden = !known.length;
  at("none").hidden = known.length > 0;
  at("earlier").hidden = known.length >= total;
  at("count").textContent = total ? fill(words.by_number, { count: number(total) }) : "";
  for (const kind of ["csv", "xlsx"]) if (at(kind)) at(kind).href = `/api/v1${base}-export?format=${kind}&state=${at("state").value}`;
}

async function show(start = 0) {
  try {
    const found = await call("GET", `${base}?state=${at("state").value}&start=${start}&limit=${PAGE}`);
    known = start ? [...known, ...found.requests] : found.requests;
    draw(found.total);
  } catch (error) {
    tell(error);
  }
}

at("state").addEventListener("change", () => show());
at("earlier").addEventListener("click", () => show(known.length));
at("why-back").addEventListener("click", () => at("why").close());
try {
  await whoAmI();
  await show();
} catch (error) {
  tell(error);
}
