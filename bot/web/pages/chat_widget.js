// A bubble in the corner of the shop's own site that opens its chat in a frame. It reads nothing of the site and sets no cookie.
//   <script src="https://…/chat/SHOP/widget.js" data-product="ITEM" data-lang="zh" data-side="right" data-theme="light" async></script>
// The site's Content-Security-Policy needs our address in script-src and frame-src, nothing else.
const script = document.currentScript;
const home = new URL(script.src).origin;
const options = { ...script.dataset };
const english = (options.lang ?? document.documentElement.lang ?? "").startsWith("en");
const name = english ? SHOP.name_en : SHOP.name;
const words = english
  ? { open: `Chat with ${name}`, fold: "Hide the chat", frame: `Chat with ${name}`, unread: "unread" }
  : { open: `联系${name}客服`, fold: "收起聊天", frame: `${name}在线客服`, unread: "条未读" };
const kept = `kuaihui-chat-open:${SHOP.id}`;
let frame = null;
let isOpen = false;
let product = options.product ?? "";

const host = document.createElement("div");
host.lang = english ? "en" : "zh-CN";
const root = host.attachShadow({ mode: "open" });
const side = options.side === "left" ? "left" : "right";
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { all: initial; position: fixed; z-index: 2147483000; ${side}: 20px; bottom: 20px; font-family: system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; }
  button { position: relative; display: grid; place-items: center; width: 58px; height: 58px; margin: 0; padding: 0; border: 0; border-radius: 50%; color: #fff; background: var(--shop); background: oklch(from var(--shop) clamp(.36, l, .52) c h); box-shadow: 0 4px 18px rgb(0 0 0 / 28%); cursor: pointer; transition: transform .15s; }
  button:hover { transform: scale(1.05); }
  button:focus-visible { outline: 3px solid #fff; outline-offset: -6px; }
  svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
  .count { position: absolute; top: -3px; right: -3px; min-width: 21px; height: 21px; padding: 0 5px; box-sizing: border-box; border-radius: 11px; background: #d3302f; font: 600 12px/21px system-ui, sans-serif; text-align: center; }
  [hidden] { display: none !important; }
  iframe { position: fixed; ${side}: 20px; bottom: 90px; width: 380px; height: min(640px, calc(100vh - 110px)); border: 0; border-radius: 16px; background: #fff; box-shadow: 0 10px 40px rgb(0 0 0 / 28%); color-scheme: light dark; }
  @media (max-width: 520px) { iframe { inset: 0; width: 100%; height: 100%; height: 100dvh; border-radius: 0; } :host(.open) button { display: none; } }
  @media (prefers-reduced-motion: reduce) { button { transition: none; } }
`);
root.adoptedStyleSheets = [sheet];
host.style.setProperty("--shop", SHOP.colour);

const SVG = "http://www.w3.org/2000/svg";
const picture = document.createElementNS(SVG, "svg");
picture.setAttribute("viewBox", "0 0 24 24");
picture.setAttribute("aria-hidden", "true");
const path = document.createElementNS(SVG, "path");
picture.append(path);
const count = document.createElement("span");
count.className = "count";
count.hidden = true;
const button = document.createElement("button");
button.type = "button";
button.append(picture, count);
root.append(button);

const BUBBLE = "M20.5 11.3c0 4.2-3.8 7.6-8.5 7.6-1 0-2-.1-2.9-.4L4.5 20l1.2-3.6a7.1 7.1 0 0 1-2.2-5.1c0-4.2 3.8-7.6 8.5-7.6s8.5 3.4 8.5 7.6ZM8.5 11.4h.01M12 11.4h.01M15.5 11.4h.01";
const FOLD = "m6 9 6 6 6-6";

function label(unread) {
  const said = isOpen ? words.fold : words.open;
  button.setAttribute("aria-label", unread ? `${said} (${unread} ${words.unread})` : said);
  button.setAttribute("aria-expanded", String(isOpen));
  path.setAttribute("d", isOpen ? FOLD : BUBBLE);
  count.hidden = !unread;
  count.textContent = unread > 99 ? "99+" : String(unread);
}

function remember(value) {
  // Kept by the site's own storage for this visit; where that is forbidden the chat simply starts folded.
  try { if (value === undefined) return sessionStorage.getItem(kept); sessionStorage.setItem(kept, value); } catch { /* forbidden */ }
  return null;
}

const tell = (message) => frame?.contentWindow?.postMessage({ kuaihui: message.kuaihui, ...message }, home);

function load() {
  if (frame) return;
  const address = new URL(`/chat/${SHOP.id}`, home);
  address.searchParams.set("embedded", "1");
  address.searchParams.set("lang", english ? "en" : "zh");
  if (product) address.searchParams.set("product", product);
  if (options.theme) address.searchParams.set("theme", options.theme);
  frame = document.createElement("iframe");
  frame.title = words.frame;
  frame.hidden = !isOpen;
  frame.referrerPolicy = "no-referrer";
  frame.addEventListener("load", () => tell({ kuaihui: "shown", shown: isOpen }));
  frame.src = address.href;
  root.prepend(frame);
}

function show(open) {
  isOpen = open;
  host.classList.toggle("open", open);
  if (open) load();
  if (frame) frame.hidden = !open;
  tell({ kuaihui: "shown", shown: open });
  remember(open ? "open" : "folded");
  label(0);
  if (!open) button.focus();
}

addEventListener("message", (event) => {
  if (!frame || event.source !== frame.contentWindow || event.origin !== home) return;
  if (event.data?.kuaihui === "fold") show(false);
  if (event.data?.kuaihui === "unread" && Number.isInteger(event.data.count)) label(isOpen ? 0 : event.data.count);
});
button.addEventListener("click", () => show(!isOpen));

// For the shop's own page: window.kuaihuiChat.open(), .fold(), .viewing("item id").
window.kuaihuiChat = Object.freeze({
  open: () => show(true),
  fold: () => show(false),
  viewing: (id) => { product = String(id ?? ""); tell({ kuaihui: "viewing", product }); },
});

function begin() {
  document.body.append(host);
  label(0);
  const before = remember();
  if (before === "open" && matchMedia("(min-width: 521px)").matches) show(true);
  else if (before) load();
}
if (document.body) begin(); else addEventListener("DOMContentLoaded", begin);
