// The dialogs about one person: a new account, its shops, its password, its end.
import { call, fill, make, shopName, showRefusal, wallTime, words } from "./requests.js";
import { shopChip } from "./shop_chip.js";

const dialog = document.getElementById("dialog");

function open(title, ...content) {
  dialog.replaceChildren(make("h2", { id: "dialog-title" }, title), ...content);
  if (!dialog.open) dialog.showModal();
}

function close() {
  dialog.close();
}

function field(label, input, help) {
  return make("label", { class: "field" }, make("span", {}, label), input, help && make("span", { class: "help" }, help));
}

function select(name, options, chosen) {
  return make("select", { name }, ...options.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
}

const notice = () => make("p", { class: "notice", role: "status", hidden: true });
const roles = () => ["agent", "supervisor", "owner"].map((role) => [role, words[role]]);

export function ask(question, confirmed) {
  const wrong = notice();
  const yes = make("button", { type: "button", class: "primary", onclick: async () => {
    yes.disabled = true;
    try {
      await confirmed();
    } catch (error) {
      wrong.className = "notice bad";
      wrong.textContent = error.message;
      wrong.hidden = false;
      yes.disabled = false;
    }
  } }, words.yes);
  open(question, wrong, make("div", { class: "actions" }, make("button", { type: "button", onclick: close }, words.cancel), yes));
}

export function showSecret(login, password) {
  const copy = make("button", { type: "button", class: "small", onclick: async () => {
    await navigator.clipboard.writeText(`${login} ${password}`);
    copy.textContent = words.copied;
  } }, words.copy);
  open(
    login,
    make("p", { class: "notice warn" }, words.shown_once),
    make("p", { class: "secret" }, make("span", { id: "secret" }, password)),
    make("div", { class: "actions" }, navigator.clipboard ? copy : null, make("button", { type: "button", class: "primary", onclick: close }, words.close)),
  );
}

export function openNew({ load }) {
  const form = make(
    "form",
    {},
    make("div", { class: "pair" }, field(words.login, make("input", { name: "login", required: true, maxlength: 40, autocapitalize: "none", spellcheck: "false" })), field(words.name, make("input", { name: "name", required: true, maxlength: 40 }), words.name_help)),
    make("label", { class: "check" }, make("input", { type: "checkbox", name: "is_admin" }), words.admin),
    notice(),
    make("div", { class: "actions" }, make("button", { type: "button", onclick: close }, words.cancel), make("button", { class: "primary" }, words.new_account)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const made = await call("POST", "/team/accounts", { login: form.elements.login.value, name: form.elements.name.value, is_admin: form.elements.is_admin.checked });
      await load();
      showSecret(made.account.login, made.password);
    } catch (error) {
      showRefusal(form, error);
    }
  });
  open(words.new_account, form);
  form.elements.login.focus();
}

/** A new shop of the organisation: its settings are where its owner goes on. */
export function openNewShop() {
  const form = make("form", {},
    make("div", { class: "pair" },
      field(words.shop_name, make("input", { name: "name", required: true, maxlength: 60 })),
      field(words.shop_name_en, make("input", { name: "name_en", maxlength: 60 }), words.shop_name_en_help)),
    notice(),
    make("div", { class: "actions" }, make("button", { type: "button", onclick: close }, words.cancel), make("button", { class: "primary" }, words.new_shop)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      const shop = await call("POST", "/team/shops", { name: form.elements.name.value, name_en: form.elements.name_en.value });
      location.assign(`/shops/${shop.id}/settings`);
    } catch (error) {
      showRefusal(form, error);
    }
  });
  open(words.new_shop, form);
  form.elements.name.focus();
}

export function openAccount(id, page) {
  const team = page.team();
  const account = team.accounts.find((each) => each.id === id);
  if (!account) return;
  const title = make("span", { class: "soft mono small" }, account.login);
  open(account.name, title, aboutForm(account, page), make("h3", {}, words.shops), shopList(account, page), shopForm(account, page), endings(account, page));
}

function aboutForm(account, page) {
  const form = make(
    "form",
    {},
    make("div", { class: "pair" },
      field(words.name, make("input", { name: "name", value: account.name, required: true, maxlength: 40 })),
      field(words.capacity, make("input", { name: "capacity", type: "number", min: 1, max: 100, value: account.capacity, required: true })),
    ),
    make("div", { class: "bar" },
      make("label", { class: "check" }, make("input", { type: "checkbox", name: "is_admin", checked: account.is_admin }), words.admin),
      make("span", { class: "space" }),
      make("button", { class: "small" }, words.save),
    ),
    notice(),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { name: form.elements.name.value, language: account.language, capacity: Number(form.elements.capacity.value), is_admin: form.elements.is_admin.checked };
    try {
      await call("PUT", `/team/accounts/${account.id}`, body);
      await page.load();
      openAccount(account.id, page);
    } catch (error) {
      showRefusal(form, error);
    }
  });
  return form;
}

function shopList(account, page) {
  const shops = new Map(page.team().shops.map((shop) => [shop.id, shop]));
  const rows = account.memberships.map((each) => {
    const shop = shops.get(each.shop) || { id: each.shop, name: each.shop };
    const limits = [each.since && `${words.from} ${wallTime(each.since)}`, each.until && `${words.to} ${wallTime(each.until)}`, each.hours].filter(Boolean).join(" · ");
    const question = fill(words.remove_sure, { name: account.name, shop: shopName(shop) });
    const remove = () => ask(question, async () => {
      await call("DELETE", `/team/accounts/${account.id}/memberships/${each.shop}`);
      await page.load();
      openAccount(account.id, page);
    });
    const item = make("li", {},
      make("span", { class: "grow" }, shopChip(shop, `${shopName(shop)} · ${words[each.role]}`, !each.holds_now), (limits || !each.holds_now) && make("small", {}, [limits, !each.holds_now && words.not_now].filter(Boolean).join(" · "))),
      make("button", { type: "button", class: "small", "aria-label": `${words.change} ${shopName(shop)}`, onclick: () => item.replaceWith(make("li", {}, membershipForm(account, page, each, shop))) }, words.change),
      make("button", { type: "button", class: "small danger", "aria-label": `${words.remove} ${shopName(shop)}`, onclick: remove }, words.remove),
    );
    return item;
  });
  return make("ul", { class: "plain" }, ...rows);
}

/** Role, dates and hours of one membership, in two columns. */
function limitFields({ role = "agent", since = "", until = "", hours = "" }) {
  return [
    field(words.role, select("role", roles(), role)),
    field(words.from, make("input", { name: "since", maxlength: 40, value: wallTime(since) }), words.date_help),
    field(words.to, make("input", { name: "until", maxlength: 40, value: wallTime(until) }), words.date_help),
    field(words.hours, make("input", { name: "hours", maxlength: 500, value: hours }), words.hours_help),
  ];
}

/** Write the membership when the form is sent, and show the person anew. */
function savesMembership(form, account, page, shopOf) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { role, since, until, hours } = form.elements;
    try {
      await call("PUT", `/team/accounts/${account.id}/memberships/${shopOf()}`, { role: role.value, since: since.value, until: until.value, hours: hours.value });
      await page.load();
      openAccount(account.id, page);
    } catch (error) {
      showRefusal(form, error);
    }
  });
  return form;
}

function membershipForm(account, page, membership, shop) {
  const form = make("form", { class: "grow" },
    make("p", {}, shopChip(shop, shopName(shop))),
    make("div", { class: "pair" }, ...limitFields(membership)),
    notice(),
    make("div", { class: "actions" },
      make("button", { type: "button", class: "small", onclick: () => openAccount(account.id, page) }, words.cancel),
      make("button", { class: "small primary" }, words.save)),
  );
  return savesMembership(form, account, page, () => membership.shop);
}

function shopForm(account, page) {
  const shops = page.team().shops.map((shop) => [shop.id, shopName(shop)]);
  const form = make("form", {},
    make("div", { class: "pair" }, field(words.add_shop, select("shop", shops)), ...limitFields({})),
    notice(),
    make("div", { class: "actions" }, make("button", {}, words.add_shop)),
  );
  savesMembership(form, account, page, () => form.elements.shop.value);
  return shops.length ? form : null;
}

function endings(account, page) {
  const reset = () => ask(fill(words.reset_sure, { name: account.name }), async () => {
    const made = await call("POST", `/team/accounts/${account.id}/password`);
    await page.load();
    showSecret(made.account.login, made.password);
  });
  const off = () => ask(fill(words.offboard_sure, { name: account.name }), async () => {
    await call("POST", `/team/accounts/${account.id}/offboard`);
    await page.load();
    close();
  });
  return make("div", { class: "danger-line" },
    make("button", { type: "button", class: "small", onclick: reset }, words.reset_password),
    account.id === page.me.account.id ? null : make("button", { type: "button", class: "small danger", onclick: off }, words.offboard),
    make("span", { class: "space" }),
    make("button", { type: "button", class: "small primary", onclick: close }, words.close),
  );
}
