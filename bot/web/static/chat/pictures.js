// Images: made small enough before they are sent, and fetched with the token, since an address alone shows none.

const LONG_SIDE = 2560;

export async function prepared(file, limit) {
  if (!/^image\/(png|jpeg|webp|gif)$/.test(file.type)) throw new Error("not-image");
  if (file.type === "image/gif" || file.size <= Math.min(limit, 1500000)) {
    if (file.size > limit) throw new Error("image-large");
    return file;
  }
  let bitmap;
  try { bitmap = await createImageBitmap(file); } catch { throw new Error("not-image"); }
  const scale = Math.min(1, LONG_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const made = await new Promise((resolve) => canvas.toBlob(resolve, file.type === "image/png" ? "image/png" : "image/jpeg", 0.88));
  const smallest = made && made.size < file.size ? made : file;
  if (smallest.size > limit) throw new Error("image-large");
  return smallest;
}

export class Pictures {
  constructor(shop, identity) {
    Object.assign(this, { shop, identity, urls: new Map() });
  }

  /** Give an address that an <img> can show; each image is fetched once. */
  address(image) {
    if (!this.urls.has(image)) {
      const coming = this.#fetch(image);
      this.urls.set(image, coming);
      coming.catch(() => this.urls.delete(image));
    }
    return this.urls.get(image);
  }

  keep(image, file) {
    if (!this.urls.has(image)) this.urls.set(image, Promise.resolve(URL.createObjectURL(file)));
  }

  async send(file, key) {
    return fetch(`/chat/${this.shop}/images?key=${key}`, {
      method: "POST", body: file, headers: { ...this.#headers(), "Content-Type": "application/octet-stream" },
    });
  }

  async #fetch(image) {
    const answer = await fetch(`/chat/${this.shop}/images/${encodeURIComponent(image)}`, { headers: this.#headers() });
    if (!answer.ok) throw new Error(`image ${answer.status}`);
    return URL.createObjectURL(await answer.blob());
  }

  #headers() { return { Authorization: `Bearer ${this.identity.token}` }; }
}
