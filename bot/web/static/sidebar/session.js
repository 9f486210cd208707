// Who is asking: the cookie where the panel stands by itself, a short token where another site embeds it.
export class SignedOut extends Error {}

export class Session {
  constructor(shop) {
    this.shop = shop;
    this.token = null; // in memory only: it goes with the page
    this.csrf = "";
  }

  /** Return the shop as the caller may see it, or null when he may not. Raises SignedOut, TypeError (no network). */
  async open() {
    if (!this.token) this.csrf = (await this.call("/api/v1/me")).csrf;
    try {
      return await this.call(`/api/v1/shops/${this.shop}`);
    } catch (error) {
      if (error.status === 404 || error.status === 403) return null;
      throw error;
    }
  }

  async call(path, body) {
    const headers = {};
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    else if (body !== undefined) headers["X-Kuaihui-CSRF"] = this.csrf;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: this.token ? "omit" : "same-origin",
    });
    if (response.status === 401) {
      this.token = null;
      throw new SignedOut();
    }
    const answer = response.status === 204 ? {} : await response.json();
    if (!response.ok) throw Object.assign(new Error(answer.error?.message ?? ""), { status: response.status });
    return answer;
  }

  /** Ask a window of our own site, where the cookie is, for a token; it is made when the person confirms there. */
  connect() {
    return new Promise((resolve, reject) => {
      const opened = window.open(`/sidebar/${this.shop}/connect`, "kuaihui-connect", "popup,width=420,height=360");
      if (!opened) {
        reject(new Error("blocked"));
        return;
      }
      const hear = (event) => {
        if (event.origin !== location.origin || event.source !== opened || event.data?.type !== "kuaihui-token") return;
        window.removeEventListener("message", hear);
        this.token = event.data.token;
        resolve();
      };
      window.addEventListener("message", hear);
    });
  }
}
