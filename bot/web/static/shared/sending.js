// Sends what takes a while and tells of its progress; answers come line by line: {done, of}…, then {status, answer}.
import { Refused, leave, words } from "../accounts/requests.js";

// The file's bytes in base64, as the API takes them.
export function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.split(",", 2)[1] ?? "");
    reader.onerror = () => reject(new Refused(0, { message: words.offline }));
    reader.readAsDataURL(file);
  });
}

async function* linesOf(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    yield* lines.filter(Boolean).map((line) => JSON.parse(line));
  }
}

// Calls `step(done, of)` as the work goes on, and returns its answer.
export async function send(path, body, csrf, step, signal) {
  let response;
  const headers = { "X-Kuaihui-CSRF": csrf, "Content-Type": "application/json", Accept: "application/x-ndjson" };
  try {
    response = await fetch(`/api/v1${path}`, { method: "POST", headers, body: JSON.stringify(body), signal });
    if (!response.headers.get("Content-Type")?.startsWith("application/x-ndjson")) {
      const answer = await response.json().catch(() => null);
      if (response.status === 401) leave();
      throw new Refused(response.status, answer?.error, response.headers.get("Retry-After"));
    }
    for await (const line of linesOf(response)) {
      if (!("status" in line)) step(line.done, line.of);
      else if (line.status === 200) return line.answer;
      else throw new Refused(line.status, line.answer?.error);
    }
  } catch (error) {
    if (error instanceof Refused || error.name === "AbortError") throw error;
    throw new Refused(0, { message: words.offline });
  }
  throw new Refused(0, { message: words.offline }); // it was cut off before its end
}
