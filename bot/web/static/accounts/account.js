// One's own account: name, language, password, shops, sessions.
import { call, keepSecret, make, moment, say, shopName, showRefusal, whoAmI, words } from "./requests.js";
import { shopChip } from "./shop_chip.js";

const me = await whoAmI();
document.getElementById("login-name").textContent = me.account.login;
const password = document.getElementById("password");
password.elements.username.value = me.account.login;
password.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const answer = await call("PUT", "/me/password", { old: password.elements.old.value, new: password.elements.new.value });
    keepSecret(answer.csrf);
    if (me.account.must_change_password) {
      location.assign("/workspace");
      return;
    }
    password.reset();
    password.elements.username.value = me.account.login;
    say(password.querySelector(".notice"), words.password_changed, "good");
    await showSessions();
  } catch (error) {
    showRefusal(password, error);
  }
});

const profile = document.getElementById("profile");
if (profile) {
  profile.elements.name.value = me.account.name;
  profile.elements.language.value = me.account.language;
  profile.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const changed = await call("PUT", "/me", { name: profile.elements.name.value, language: profile.elements.language.value });
      if (changed.account.language !== words.lang) {
        location.assign("/account");
        return;
      }
      say(profile.querySelector(".notice"), words.saved, "good");
    } catch (error) {
      showRefusal(profile, error);
    }
  });
  showShops();
  await showSessions();
}

function showShops() {
  const list = document.getElementById("shops");
  const rows = me.shops.map((shop) => make("li", {}, shopChip(shop, shop.avatar), make("span", { class: "grow" }, shopName(shop)), make("span", { class: "chip" }, words[shop.role])));
  list.replaceChildren(...(rows.length ? rows : [make("li", { class: "soft" }, words.no_shops)]));
}

function deviceOf(agent) {
  const browser = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox" : /Chrome\//.test(agent) ? "Chrome" : /Safari\//.test(agent) ? "Safari" : "";
  const system = /Windows/.test(agent) ? "Windows" : /Android/.test(agent) ? "Android" : /iPhone|iPad/.test(agent) ? "iOS" : /Mac OS/.test(agent) ? "macOS" : /Linux/.test(agent) ? "Linux" : "";
  return [browser, system].filter(Boolean).join(" · ") || agent.slice(0, 60) || words.unknown_device;
}

async function showSessions() {
  const list = document.getElementById("sessions");
  if (!list) return;
  const { sessions } = await call("GET", "/me/sessions");
  list.replaceChildren(
    ...sessions.map((session) =>
      make(
        "li",
        {},
        make("span", { class: "grow" }, deviceOf(session.agent), make("small", {}, `${moment(session.created_at)} – ${moment(session.expires_at)}`)),
        session.is_this
          ? make("span", { class: "chip good" }, words.this_device)
          : make("button", { type: "button", class: "small", onclick: () => end(session.id) }, words.end),
      ),
    ),
  );
}

async function end(session) {
  await call("DELETE", `/me/sessions/${encodeURIComponent(session)}`);
  await showSessions();
}
