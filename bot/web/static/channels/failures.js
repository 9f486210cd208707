// What could not be delivered through a channel, and why; what a person wrote can be tried again.
import { call, fill, make, moment, say, words } from "../accounts/requests.js";
import { at, base as shopBase, number, tell } from "../shared/shop_page.js";

const nameOf = (failure) => (failure.status ? words.of_status : failure.author === "auto" ? words.of_auto : words.of_person);

async function again(failure, line, button) {
  button.disabled = true;
  say(at("failures-problem"), "");
  try {
    await call("POST", `${shopBase}/conversations/${encodeURIComponent(failure.conversation)}/deliveries/${failure.position}/retry`);
    line.replaceChildren(make("span", { class: "chip good" }, words.retried));
  } catch (error) {
    button.disabled = false;
    tell(error, at("failures-problem"));
  }
}

function lineOf(failure) {
  const line = make("li", {},
    make("p", {}, make("b", {}, nameOf(failure)), ` · ${moment(failure.at)} · ${fill(words.tries, { count: number(failure.attempts) })}`),
    make("p", { class: "notice bad" }, failure.error));
  if (failure.author !== "auto") line.append(make("button", { type: "button", class: "small", onclick: (event) => again(failure, line, event.currentTarget) }, words.retry));
  return line;
}

export async function showFailures(channel, whenClosed) {
  say(at("failures-problem"), "");
  at("failure-list").replaceChildren();
  at("failures").onclose = whenClosed;
  at("failures").showModal();
  try {
    const { deliveries } = await call("GET", `${channel}/deliveries?state=dead&state=expired`);
    at("failure-list").replaceChildren(...(deliveries.length ? deliveries.map(lineOf) : [make("li", { class: "soft" }, words.no_failed)]));
  } catch (error) {
    tell(error, at("failures-problem"));
  }
}

at("failures-close").addEventListener("click", () => at("failures").close());
