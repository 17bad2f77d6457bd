// SPDX-License-Identifier: Apache-2.0
// The official SDKs for Node of OpenAI and (claude.mjs) Anthropic, as they are published, through the local proxy; each
// call is compared with the same call at the engine itself. PROXY, ENGINE, ELSEWHERE, AWAY (addresses) and KEY come from ../node.py.
import assert from "node:assert/strict";
import OpenAI from "openai";
import { cases as claude } from "./claude.mjs";
import { cases as responses } from "./responses.mjs";

const { PROXY, ENGINE, ELSEWHERE, AWAY, KEY } = process.env;
const proxy = new OpenAI({ baseURL: `${PROXY}/v1`, apiKey: KEY });
const engine = new OpenAI({ baseURL: `${ENGINE}/v1`, apiKey: "none" });
// Members of an answer that are the node's own, or that an engine adds and a node leaves out.
const DIFFERS = new Set(["id", "created", "model", "system_fingerprint", "timings", "__verbose", "prompt_progress",
  "prompt_tokens_details", "completion_tokens_details", "_request_id"]);
const ASK = [{ role: "user", content: "Capital of Japan?" }];
const STORY = [{ role: "user", content: "Tell me a story." }];
// A white PNG of one pixel.
const PICTURE = "data:image/png;base64," +
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==";
const TOOL = { type: "function", function: { name: "weather", parameters: { type: "object", properties: {} } } };

const empty = (value) => value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
const same = (value) => Array.isArray(value) ? value.map(same)
  : value && typeof value === "object"
    ? Object.fromEntries(Object.entries(value).filter(([key, one]) => !DIFFERS.has(key) && !empty(one)).map(([key, one]) => [key, same(one)]))
    : value;
const chat = (options = {}) => (sdk) =>
  sdk.chat.completions.create({ model: "demo", messages: ASK, temperature: 0, max_tokens: 64, ...options });

async function compared(call) {
  const [ours, theirs] = [await call(proxy), await call(engine)];
  assert.deepEqual(same(ours), same(theirs));
  return ours;
}

// What a stream says in all. Where it is cut into events is nobody's promise.
async function gathered(call, sdk) {
  const text = {}, reasons = {};
  let usage = null;
  for await (const event of await call(sdk)) {
    for (const choice of event.choices) {
      text[choice.index] = (text[choice.index] ?? "") + (choice.text ?? choice.delta?.content ?? "");
      reasons[choice.index] = choice.finish_reason ?? reasons[choice.index];
    }
    if (event.usage) usage = [event.usage.prompt_tokens, event.usage.completion_tokens];
  }
  return { text, reasons, usage };
}

async function streamed(call) {
  const [ours, theirs] = [await gathered(call, proxy), await gathered(call, engine)];
  assert.deepEqual(ours, theirs);
  return ours;
}

async function refused(kind, code, call, sdk = proxy) {
  const error = await call(sdk).then(() => assert.fail(`no ${kind.name}`), (found) => found);
  assert.equal(error.constructor.name, kind.name);
  if (code) assert.equal(error.code, code);
  return error;
}

// An SDK with its own two retries, and the list of what it sends.
function counting(base) {
  const sent = [];
  const fetched = (...request) => (sent.push(request[0]), fetch(...request));
  return [new OpenAI({ baseURL: `${base}/v1`, apiKey: KEY, fetch: fetched }), sent];
}

const cases = {
  plain: async () => assert.match((await compared(chat())).choices[0].message.content, /Tokyo/),
  streams: async () => assert.match((await streamed(chat({ stream: true }))).text[0], /Tokyo/),
  streams_with_usage: async () =>
    assert.ok((await streamed(chat({ stream: true, stream_options: { include_usage: true } }))).usage[1] > 0),
  a_long_answer_streams: async () =>
    assert.ok((await streamed(chat({ messages: STORY, stream: true, max_tokens: 400 }))).text[0].length > 200),
  ends_at_max_tokens: async () => assert.equal((await compared(chat({ max_tokens: 3 }))).choices[0].finish_reason, "length"),
  stops_at_a_word: async () => assert.doesNotMatch((await compared(chat({ stop: ["Tokyo"] }))).choices[0].message.content, /Tokyo/),
  a_system_message: () => compared(chat({ messages: [{ role: "system", content: "Be brief." }, ...ASK] })),
  many_turns: () => compared(chat({ messages: [...ASK, { role: "assistant", content: "Tokyo." }, { role: "user", content: "Thank you!" }] })),
  several_choices: async () => assert.equal((await compared(chat({ n: 2 }))).choices.length, 2),
  log_probabilities: () => compared(chat({ max_tokens: 2, logprobs: true, top_logprobs: 2 })),
  json_mode: async () =>
    JSON.parse((await compared(chat({ response_format: { type: "json_object" }, max_tokens: 200 }))).choices[0].message.content),
  tools_for_a_model_that_has_none: () => compared(chat({ tools: [TOOL], tool_choice: "auto" })),
  images: () => compared(chat({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: PICTURE } }] }] })),
  completions: () => compared((sdk) => sdk.completions.create({ model: "demo", prompt: "Once upon", max_tokens: 8, temperature: 0 })),
  one_model: async () => assert.equal((await proxy.models.retrieve("demo")).owned_by, "openpcc"),
  a_model_that_is_not_there: () => refused(OpenAI.NotFoundError, "openai.unknown_model", (sdk) => sdk.models.retrieve("maker/model")),
  the_models: async () => assert.deepEqual((await proxy.models.list()).data.map((model) => model.id), ["demo"]),
  unicode_in_and_out: () => streamed(chat({ stream: true, messages: [{ role: "user", content: "Größe, 東京, 🦊, \u0000\u202e\n".repeat(5) }] })),
  what_says_who_asks_is_taken: () =>
    compared((sdk) => chat(sdk === proxy ? { user: "ann", metadata: { a: "b" }, safety_identifier: "c" } : {})(sdk)),
  many_at_once: async () => {
    const said = await Promise.all(Array.from({ length: 24 }, () => chat()(proxy)));
    assert.equal(new Set(said.map((one) => one.choices[0].message.content)).size, 1);
  },
  a_stream_that_is_aborted: async () => {
    const stream = await chat({ messages: STORY, stream: true, max_tokens: 600 })(proxy);
    let events = 0;
    for await (const event of stream) if (event.choices.length > 0 && ++events === 2) stream.controller.abort();
    assert.ok(events >= 2);
  },
  a_prompt_of_128_kib: async () => {
    const call = chat({ messages: [{ role: "user", content: "word ".repeat(26_000) }] });
    await refused(OpenAI.BadRequestError, null, call, engine);
    await refused(OpenAI.BadRequestError, "node.engine_refused", call);
  },
  another_key: () => refused(OpenAI.AuthenticationError, "proxy.no_key", chat(), new OpenAI({ baseURL: `${PROXY}/v1`, apiKey: "sk-other" })),
  another_model: () => refused(OpenAI.NotFoundError, "openai.unknown_model", chat({ model: "gpt-5" })),
  a_member_that_is_not_served: () => refused(OpenAI.BadRequestError, "openai.unsupported_field", chat({ logit_bias: { 1: 1 } })),
  paths_that_are_not_served_are_not_asked_again: async () => {
    const [sdk, sent] = counting(PROXY);
    await refused(OpenAI.NotFoundError, "openai.unknown_path", (one) => one.moderations.create({ input: "a" }), sdk);
    assert.equal(sent.length, 1);
  },
  a_service_that_is_not_verified_is_not_asked_again: async () => {
    const [sdk, sent] = counting(ELSEWHERE);
    await refused(OpenAI.PermissionDeniedError, "client.not_verified", chat(), sdk);
    assert.equal(sent.length, 1);
  },
  a_service_that_is_away_is_asked_again: async () => {
    const [sdk, sent] = counting(AWAY);
    await refused(OpenAI.InternalServerError, "net.unreachable", chat(), sdk);
    assert.equal(sent.length, 3);
  },
  ...claude,
  ...responses,
};

let failed = 0;
for (const [name, one] of Object.entries(cases)) {
  try {
    await one();
    console.log(`ok ${name}`);
  } catch (error) {
    ++failed;
    console.log(`FAILED ${name}: ${error.message}`);
  }
}
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
