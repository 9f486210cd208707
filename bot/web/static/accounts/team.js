// The organisation's people: their accounts and shops. The table and the log are in files of their own.
import { openAudit } from "./audit.js";
import { openBulk } from "./bulk.js";
import { openAccount, openNew, openNewShop } from "./person.js";
import { call, make, say, shopName, whoAmI, words } from "./requests.js";
import { shopChip } from "./shop_chip.js";

const problem = document.getElementById("problem");
const filter = document.getElementById("filter");
let team = { accounts: [], shops: [] };

let me = null;

export async function load() {
  try {
    team = await call("GET", "/team/accounts");
    say(problem, "");
  } catch (error) {
    say(problem, error.message, "bad");
  }
  show();
  return team;
}

function show() {
  const asked = filter.value.trim().toLowerCase();
  const shops = new Map(team.shops.map((shop) => [shop.id, shop]));
  const found = team.accounts.filter((account) => {
    const texts = [account.name, account.login, ...account.memberships.map((each) => shopName(shops.get(each.shop) || { name: each.shop }))];
    return !asked || texts.some((text) => text.toLowerCase().includes(asked));
  });
  document.getElementById("rows").replaceChildren(...found.map((account) => rowOf(account, shops)));
  document.getElementById("nobody").hidden = found.length > 0;
}

function rowOf(account, shops) {
  const chips = account.memberships.map((each) => {
    const shop = shops.get(each.shop);
    return shopChip(shop, `${shop ? shopName(shop) : each.shop} · ${words[each.role]}`, !each.holds_now);
  });
  const states = [];
  if (account.is_disabled) states.push(make("span", { class: "chip bad" }, words.disabled));
  else if (account.must_change_password) states.push(make("span", { class: "chip warn" }, words.password_pending));
  else states.push(make("span", { class: "chip good" }, words.active));
  if (account.is_admin) states.push(make("span", { class: "chip" }, words.admin));
  const manage = make("button", { type: "button", class: "small", "aria-label": `${words.edit} ${account.name}`, onclick: () => openAccount(account.id, { team: () => team, load, me }) }, words.edit);
  return make(
    "tr",
    { class: account.is_disabled ? "off" : null },
    make("td", {}, account.name),
    make("td", { class: "mono" }, account.login),
    make("td", {}, ...chips),
    make("td", {}, ...states),
    make("td", { class: "end" }, account.is_disabled ? null : manage),
  );
}

const tabs = [...document.querySelectorAll("[role=tab]")];
function choose(tab) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (tab.id === "tab-audit") openAudit();
}
for (const tab of tabs) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    choose(next);
  });
}

filter.addEventListener("input", show);
document.getElementById("new-account").addEventListener("click", () => openNew({ team: () => team, load, me }));
document.getElementById("new-shop").addEventListener("click", openNewShop);
openBulk({ load, nameOf: (id) => shopName(team.shops.find((shop) => shop.id === id) ?? { name: id }) });
// Only now: what is clicked while the server is slow must not be lost.
me = await whoAmI();
document.getElementById("organisation").textContent = me.organisation.name;
await load();
