// The shop's colour on the head of its console.
const { colour } = document.body.dataset;
if (/^#[0-9a-f]{6}$/i.test(colour)) document.querySelector(".console-top .of-shop").style.setProperty("--shop", colour);
