// A shop's settings: each form saves its own part, and leaves what somebody else changed in the others.
import { call, fill, make, shopName, wallTime, whoAmI, words } from "../accounts/requests.js";
import { at, base, shop, tell } from "../shared/shop_page.js";
import { addHours, read, readHours, submit, write, writeHours } from "./fields.js";
import { showStarters } from "./starter.js";

const look = at("look-form");

function showSample() {
  const { name, name_en: english, colour: chosen, avatar } = read(look);
  const sample = at("sample");
  sample.style.setProperty("--shop", chosen);
  sample.querySelector(".avatar").textContent = avatar || name.slice(0, 1);
  sample.querySelector(".chip").textContent = shopName({ name, name_en: english });
}

function showLook(found) {
  write(look, { ...found, language_zh: found.languages.includes("zh"), language_en: found.languages.includes("en") });
  showSample();
}

async function saveLook() {
  const { language_zh: zh, language_en: en, ...values } = read(look);
  const languages = [zh && "zh", en && "en"].filter(Boolean);
  const saved = await call("PUT", `${base}/settings`, { ...values, languages });
  showLook(saved);
  const head = document.querySelector(".console-top .of-shop");
  head.style.setProperty("--shop", saved.colour);
  head.querySelector(".avatar").textContent = saved.avatar;
  head.nextSibling.textContent = ` ${shopName(saved)} `;
}

function showPolicy(policy) {
  for (const form of document.querySelectorAll("form[data-policy]")) write(form, policy);
  writeHours(at("hours"), policy.hours);
}

async function savePolicy(form) {
  const mine = read(form);
  if (form.id === "service-form") mine.hours = readHours(at("hours"));
  const latest = await call("GET", `${base}/policy`);
  const saved = await call("PUT", `${base}/policy`, { ...latest, ...mine });
  write(form, saved);
  if (form.id === "service-form") writeHours(at("hours"), saved.hours);
}

function memberRow(member) {
  const limits = [member.since && fill(words.from_day, { day: wallTime(member.since) }), member.until && fill(words.until_day, { day: wallTime(member.until) }), member.hours];
  const state = member.holds_now ? null : make("span", { class: "chip warn" }, words.not_now);
  return make("tr", {}, make("td", {}, member.name), make("td", {}, words[member.role]),
    make("td", {}, limits.filter(Boolean).join(" · ") || words.always, " ", state));
}

function showWidget() {
  at("widget").textContent = `<script src="${location.origin}/chat/${shop}/widget.js" async></script>`;
  at("copy-widget").hidden = !navigator.clipboard;
  at("copy-widget").addEventListener("click", async () => {
    await navigator.clipboard.writeText(at("widget").textContent);
    at("copy-widget").textContent = words.copied;
  });
}

at("zones").append(...(Intl.supportedValuesOf?.("timeZone") ?? []).map((zone) => make("option", { value: zone })));
at("add-hours").addEventListener("click", () => addHours(at("hours")));
look.addEventListener("input", showSample);
showWidget();
try {
  await whoAmI();
  const sheet = await call("GET", `${base}/settings`);
  showLook(sheet.shop);
  showPolicy(sheet.policy);
  at("members").replaceChildren(...sheet.members.map(memberRow));
  look.addEventListener("submit", (event) => {
    event.preventDefault();
    submit(look, saveLook);
  });
  for (const form of document.querySelectorAll("form[data-policy]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      submit(form, () => savePolicy(form));
    });
  }
  await showStarters(sheet.entries === 0);
} catch (error) {
  tell(error);
}
