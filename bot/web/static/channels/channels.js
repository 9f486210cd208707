// A shop's outer channels, and how each does.
import { call, fill, make, moment, say, whoAmI, words } from "../accounts/requests.js";
import { ask } from "../shared/asking.js";
import { at, base as shopBase, number, settle, tell } from "../shared/shop_page.js";
import { showFailures } from "./failures.js";
import { kindName, openForm, showSecrets } from "./form.js";

const LOOK = 8000;
const base = `${shopBase}/channels`;
const one = (channel) => `${base}/${encodeURIComponent(channel.id)}`;
let kinds = [];
let shown = "";

const kindOf = (channel) => kinds.find((each) => each.kind === channel.kind);
const document_of = ({ kind, name, enabled, settings }) => ({ kind, name, enabled, settings, secrets: {} });

async function remove(channel) {
  if (!(await ask({ title: words.delete_sure, name: channel.name, help: words.delete_help, yes: words.delete_yes }))) return;
  await settle(() => call("DELETE", one(channel)), words.deleted, show);
}

async function rotate(channel) {
  if (!(await ask({ title: words.rotate_sure, name: channel.name, help: words.rotate_help, yes: words.rotate_yes }))) return;
  await settle(async () => showSecrets(kindOf(channel), (await call("POST", `${one(channel)}/secret`)).secrets, channel.address), words.saved, show);
}

async function test(channel, button) {
  button.disabled = true;
  say(at("done"), words.testing);
  say(at("problem"), "");
  try {
    const { ok, problem } = await call("POST", `${one(channel)}/test`);
    say(at("done"), ok ? `${channel.name}：${words.works}` : "", "good");
    say(at("problem"), ok ? "" : `${channel.name}：${problem}`, "bad");
  } catch (error) {
    say(at("done"), "");
    tell(error);
  } finally {
    button.disabled = false;
  }
}

function chips(channel) {
  const found = [make("span", { class: `chip ${channel.enabled ? "good" : ""}`.trim() }, channel.enabled ? words.good : words.off), make("span", { class: "chip" }, kindName(channel.kind))];
  if (channel.waiting) found.push(make("span", { class: "chip" }, fill(words.waits, { count: number(channel.waiting) })));
  if (channel.failed) found.push(make("span", { class: "chip bad" }, fill(words.failing, { count: number(channel.failed) })));
  return found;
}

function card(channel) {
  const button = (text, work, kind = "") => make("button", { type: "button", class: `small ${kind}`.trim(), onclick: work }, text);
  const hasOwn = kindOf(channel)?.fields.some((field) => field.generated);
  return make("li", { class: `card channel${channel.enabled ? "" : " off"}`, "data-channel": channel.id },
    make("div", { class: "line" }, make("h2", {}, channel.name), ...chips(channel)),
    make("p", { class: "soft" }, words.address),
    make("p", { class: "mono place" }, location.origin + channel.address),
    make("p", { class: "soft small" }, fill(words.changed, { time: moment(channel.changed_at) })),
    make("div", { class: "buttons" },
      channel.enabled && button(words.test, (event) => test(channel, event.currentTarget)),
      button(words.edit, () => edit(kindOf(channel), channel)),
      channel.failed > 0 && button(words.failed, () => showFailures(one(channel), show)),
      hasOwn && button(words.rotate, () => rotate(channel)),
      button(channel.enabled ? words.switch_off : words.switch_on, () => settle(() => call("PUT", one(channel), { ...document_of(channel), enabled: !channel.enabled }), words.saved, show)),
      button(words.delete, () => remove(channel), "danger")));
}

/** Only made anew when something is different: whoever reads or tabs through the list keeps his place. */
async function show() {
  try {
    const found = await call("GET", base);
    const text = JSON.stringify(found);
    if (text === shown) return;
    shown = text;
    kinds = found.kinds;
    at("adding").replaceChildren(...kinds.map((kind) => make("button", { type: "button", class: kind === kinds[0] ? "primary" : "", onclick: () => edit(kind) }, fill(words.add, { kind: kindName(kind.kind) }))));
    at("channels").replaceChildren(...found.channels.map(card));
    at("channels").removeAttribute("aria-busy");
    at("none").hidden = found.channels.length > 0;
  } catch (error) {
    tell(error);
  }
}

function edit(kind, channel) {
  openForm(kind, channel, async () => {
    say(at("problem"), "");
    say(at("done"), words.saved, "good");
    await show();
  });
}

async function follow() {
  if (!document.hidden && !document.querySelector("dialog[open]")) await show();
  setTimeout(follow, LOOK);
}

try {
  await whoAmI();
  await follow();
} catch (error) {
  tell(error);
}
