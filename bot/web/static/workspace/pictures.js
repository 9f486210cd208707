// A picture to go with the reply: chosen, pasted or dropped; looked at by the server before it counts.
import { ofConversation, post } from "./api.js";
import { imageAddress } from "./bubbles.js";
import { byId, el, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { draftOf, may, on, state, tell } from "./store.js";

const KINDS = ["image/png", "image/jpeg", "image/webp", "image/gif"];
const LARGEST = 5 * 1024 * 1024;

function draw() {
  const line = byId("image-line");
  const draft = state.open && draftOf(state.open);
  line.hidden = !draft?.image;
  line.replaceChildren();
  if (draft?.image) {
    const [shop] = state.open.split("/");
    line.append(el("img", { src: imageAddress(shop, draft.image), alt: t("image_word") }), iconButton("close", t("remove_image"), () => attach(state.open, ""), "icon quiet small"));
  }
  tell("attached");
}

function attach(key, image) {
  draftOf(key).image = image;
  draw();
}

async function upload(file) {
  const key = state.open;
  if (!key || !file) return;
  if (!KINDS.includes(file.type)) return tell("problem", { message: t("image_kind") });
  if (file.size > LARGEST) return tell("problem", { message: t("image_large") });
  const [shop, conversation] = key.split("/");
  tell("say", t("uploading"));
  try {
    const answer = await post(`${ofConversation(shop, conversation)}/images`, file, { raw: file.type });
    if (!may(shop, "answer")) return;
    draftOf(key).image = answer.id;
    if (state.open === key) draw();
  } catch (error) {
    tell("problem", error);
  }
}

export function startPictures() {
  const input = byId("image-file");
  byId("add-image").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    upload(input.files[0]);
    input.value = "";
  });
  const thread = byId("thread");
  thread.addEventListener("dragover", (event) => event.dataTransfer.types.includes("Files") && event.preventDefault());
  thread.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    upload(event.dataTransfer.files[0]);
  });
  on("picture", upload);
  on("attachment", draw);
}
