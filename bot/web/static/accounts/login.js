// Signing in, and on to where the person wanted to go.
import { call, say, words } from "./requests.js";

const form = document.getElementById("sign-in");
const wrong = document.getElementById("wrong");
const button = form.querySelector("button");

document.getElementById("reveal").addEventListener("change", (event) => {
  form.elements.password.type = event.target.checked ? "text" : "password";
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  say(wrong, "");
  try {
    const { me } = await call("POST", "/session", { login: form.elements.login.value, password: form.elements.password.value });
    location.replace(me.account.must_change_password ? "/account" : document.body.dataset.next);
  } catch (error) {
    say(wrong, error.message || words.offline, "bad");
    form.elements.password.select();
    button.disabled = false;
  }
});
