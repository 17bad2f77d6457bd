// SPDX-License-Identifier: Apache-2.0
// Anthropic's SDK for Node, as it is published: its answers through the proxy are the engine's own.
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";

const { PROXY, ENGINE, ELSEWHERE, AWAY, KEY } = process.env;
const proxy = new Anthropic({ baseURL: PROXY, apiKey: KEY });
const engine = new Anthropic({ baseURL: ENGINE, apiKey: "none" });
const ASK = [{ role: "user", content: "Capital of Japan?" }];
const STORY = [{ role: "user", content: "Tell me a story." }];
const TOOL = { name: "weather", input_schema: { type: "object", properties: {} } };

const message = (options = {}) => (sdk) =>
  sdk.messages.create({ model: "demo", messages: ASK, temperature: 0, max_tokens: 64, ...options });

// An answer without what differs: ids, and the count of cached tokens, which a node does not tell.
function same(answer) {
  const { id, _request_id, usage, ...rest } = answer;
  return { ...rest, usage: { input_tokens: usage.input_tokens, output_tokens: usage.output_tokens } };
}

async function compared(call) {
  const [ours, theirs] = [await call(proxy), await call(engine)];
  assert.deepEqual(same(ours), same(theirs));
  return ours;
}

// What the SDK makes of a stream.
async function streamed(options) {
  const [ours, theirs] = await Promise.all([proxy, engine].map((sdk) =>
    sdk.messages.stream({ model: "demo", messages: ASK, temperature: 0, max_tokens: 64, ...options }).finalMessage()));
  assert.deepEqual(same(ours), same(theirs));
  return ours;
}

async function refused(kind, code, call, sdk = proxy) {
  const error = await call(sdk).then(() => assert.fail(`no ${kind.name}`), (found) => found);
  assert.equal(error.constructor.name, kind.name);
  if (code) assert.deepEqual([error.error.type, error.error.error.code], ["error", code]);
  return error;
}

function counting(base) {
  const sent = [];
  const fetched = (...request) => (sent.push(request[0]), fetch(...request));
  return [new Anthropic({ baseURL: base, apiKey: KEY, fetch: fetched }), sent];
}

export const cases = {
  claude_plain: async () => assert.match((await compared(message())).content[0].text, /Tokyo/),
  claude_streams: async () => assert.match((await streamed({})).content[0].text, /Tokyo/),
  claude_a_long_answer_streams: async () => assert.ok((await streamed({ messages: STORY, max_tokens: 400 })).content[0].text.length > 200),
  claude_ends_at_max_tokens: async () => assert.equal((await compared(message({ max_tokens: 3 }))).stop_reason, "max_tokens"),
  claude_a_system_prompt: () => compared(message({ system: "Be brief." })),
  claude_many_turns: () =>
    compared(message({ messages: [...ASK, { role: "assistant", content: "Tokyo." }, { role: "user", content: "Thank you!" }] })),
  claude_tools_for_a_model_that_has_none: () => compared(message({ tools: [TOOL], tool_choice: { type: "auto" } })),
  claude_unicode_in_and_out: () => streamed({ messages: [{ role: "user", content: "Größe, 東京, 🦊, \u0000\u202e\n".repeat(5) }] }),
  claude_counts_tokens: async () => {
    const [ours, theirs] = await Promise.all([proxy, engine].map((sdk) => sdk.messages.countTokens({ model: "demo", messages: ASK })));
    assert.equal(ours.input_tokens, theirs.input_tokens);
  },
  claude_the_beta_client: async () =>
    assert.match((await proxy.beta.messages.create({ model: "demo", messages: ASK, max_tokens: 64, temperature: 0 })).content[0].text, /Tokyo/),
  claude_the_models: async () => assert.deepEqual((await proxy.models.list()).data.map((model) => model.id), ["demo"]),
  claude_one_model: async () => assert.equal((await proxy.models.retrieve("demo")).display_name, "demo"),
  claude_a_model_that_is_not_there: () => refused(Anthropic.NotFoundError, null, (sdk) => sdk.models.retrieve("claude")),
  claude_what_says_who_asks_is_taken: () => compared((sdk) => message(sdk === proxy ? { metadata: { user_id: "ann" } } : {})(sdk)),
  claude_a_stream_that_is_aborted: async () => {
    const stream = await message({ messages: STORY, stream: true, max_tokens: 600 })(proxy);
    let events = 0;
    for await (const event of stream) if (event.type === "content_block_delta" && ++events === 2) stream.controller.abort();
    assert.ok(events >= 2);
  },
  claude_a_prompt_of_128_kib: async () => {
    const call = message({ messages: [{ role: "user", content: "word ".repeat(26_000) }] });
    await refused(Anthropic.BadRequestError, null, call, engine);
    await refused(Anthropic.BadRequestError, "node.engine_refused", call);
  },
  claude_another_key: () =>
    refused(Anthropic.AuthenticationError, "proxy.no_key", message(), new Anthropic({ baseURL: PROXY, apiKey: "sk-other" })),
  claude_another_model: () => refused(Anthropic.NotFoundError, "openai.unknown_model", message({ model: "claude" })),
  claude_a_member_that_is_not_served: () => refused(Anthropic.BadRequestError, "openai.unsupported_field", message({ service_tier: "auto" })),
  claude_a_service_that_is_not_verified_is_not_asked_again: async () => {
    const [sdk, sent] = counting(ELSEWHERE);
    const error = await refused(Anthropic.PermissionDeniedError, "client.not_verified", message(), sdk);
    assert.equal(error.error.error.type, "openpcc_verification_error");
    assert.equal(sent.length, 1);
  },
  claude_a_service_that_is_away_is_asked_again: async () => {
    const [sdk, sent] = counting(AWAY);
    await refused(Anthropic.ServiceUnavailableError, "net.unreachable", message(), sdk);
    assert.equal(sent.length, 3);
  },
};
