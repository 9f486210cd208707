// What software said in the shop's name lately, and the button that stops it in all shops of the team.
import { call, fill, make, moment, words } from "../accounts/requests.js";
import { ask } from "../shared/asking.js";
import { at, base, number, tell } from "../shared/shop_page.js";

const KINDS = { sent: "good", waiting: "", dropped: "warn", dead: "bad" };

/** A reason of ours is said in words; what a failure said of itself stands as it is. */
const whyOf = (why) => (why ? words[`why_${why}`] ?? why : "");

function row(message) {
  const state = make("td", {}, make("span", { class: `chip ${KINDS[message.state]}`.trim() }, words[`send_${message.state}`]), make("p", { class: "soft small" }, whyOf(message.why)));
  return make("tr", { "data-state": message.state }, make("td", { class: "soft small" }, moment(message.due_at)), make("td", {}, make("p", { class: "bubble" }, message.text)), state);
}

export async function showLog() {
  const wanted = at("send-state").value;
  const found = await call("GET", `${base}/auto-reply/messages${wanted ? `?state=${wanted}` : ""}`);
  at("sends").replaceChildren(...found.messages.map(row));
  at("no-sends").hidden = found.messages.length > 0;
  at("sends").closest("table").hidden = !found.messages.length;
  at("stopped").hidden = !found.stopped;
  at("stopped").textContent = found.stopped ? fill(words.stopped_all, { time: moment(found.stopped_at) }) : "";
}

export function startLog(whenStopped) {
  const again = () => showLog().catch(tell);
  at("send-state").addEventListener("change", again);
  at("send-again").addEventListener("click", again);
  at("stop-team")?.addEventListener("click", async () => {
    if (!(await ask({ title: words.stop_sure, text: words.stop_text, yes: words.stop_yes }))) return;
    try {
      const { shops } = await call("POST", "/team/auto-reply/stop");
      await whenStopped(fill(words.stop_done, { count: number(shops.length) }));
      await showLog();
    } catch (error) {
      tell(error);
    }
  });
}
