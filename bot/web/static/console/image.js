// The picture that goes with the reply: chosen, looked at by the server, shown, taken off again.
import { call, make, Refused, words } from "../accounts/requests.js";
import { at, base } from "./pieces.js";

const LARGEST = 5 * 1024 * 1024;
const KINDS = at("f-image").accept.split(",");
let chosen = ""; // the picture's id, "" for none
let round = 0; // an answer that comes after another entry was opened is not its own

const address = (image) => `/api/v1${base}/entry-images/${encodeURIComponent(image)}`;

export const picture = (image) => make("a", { class: "picture", href: address(image), target: "_blank", rel: "noopener" }, make("img", { src: address(image), alt: words.image }));
export const chosenImage = () => chosen;

export function showImage(image) {
  round += 1;
  chosen = image;
  at("image-shown").replaceChildren(...(image ? [picture(image)] : []));
  at("remove-image").hidden = !image;
}

async function upload(file, refuse) {
  if (!KINDS.includes(file.type)) return refuse(words.image_kind);
  if (file.size > LARGEST) return refuse(words.image_large);
  const asked = (round += 1);
  try {
    const { id } = await call("POST", `${base}/entry-images`, file);
    if (asked === round) showImage(id);
    return asked + 1 === round;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return asked === round && refuse(error.message);
  }
}

// `changed` is called when the picture is another one; `refuse` is told why a file cannot be one.
export function startImage(changed, refuse) {
  at("choose-image").addEventListener("click", () => at("f-image").click());
  at("f-image").addEventListener("change", async (event) => {
    event.stopPropagation(); // the form changes once the server has the picture
    const [file] = at("f-image").files;
    at("f-image").value = "";
    if (file && (await upload(file, refuse))) changed();
  });
  at("remove-image").addEventListener("click", () => {
    showImage("");
    changed();
    at("choose-image").focus();
  });
}
