// The window of our own site in which a person lets an embedded panel act for him in one shop.
const words = document.getElementById("words").dataset;
const { shop, colour, csrf } = document.body.dataset;
const status = document.getElementById("status");
const yes = document.getElementById("yes");
document.getElementById("head").style.setProperty("--shop", colour);

function done(text) {
  status.textContent = text;
  yes.hidden = true;
  document.getElementById("no").hidden = true;
}

if (!window.opener) done(words.connectOrphan);
document.getElementById("no").addEventListener("click", () => window.close());
yes.addEventListener("click", async () => {
  const response = await fetch(`/api/v1/shops/${shop}/sidebar-tokens`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Kuaihui-CSRF": csrf },
    body: "{}",
  });
  if (!response.ok) {
    done(words.noAccess);
    return;
  }
  const { token } = await response.json();
  // Our own origin only: the panel is ours, whoever embeds it.
  window.opener.postMessage({ type: "kuaihui-token", token }, location.origin);
  done(words.connected);
  window.close();
});
