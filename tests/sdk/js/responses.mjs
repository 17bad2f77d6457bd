// SPDX-License-Identifier: Apache-2.0
// OpenAI's Responses and embeddings by its SDK for Node: the proxy's answers are the engine's own.
import assert from "node:assert/strict";
import OpenAI from "openai";

const { PROXY, ENGINE, KEY } = process.env;
const proxy = new OpenAI({ baseURL: `${PROXY}/v1`, apiKey: KEY });
const engine = new OpenAI({ baseURL: `${ENGINE}/v1`, apiKey: "none" });

const response = (options = {}) => (sdk) =>
  sdk.responses.create({ model: "demo", input: "Capital of Japan?", temperature: 0, max_output_tokens: 64, ...options });

// What two answers have in common: kinds and words of the items, and the counts.
const essence = (answer) => ({
  items: answer.output.map((one) => [one.type, one.role, one.content.map((part) => [part.type, part.text])]),
  model: answer.model,
  usage: [answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens],
});

async function compared(options) {
  const [ours, theirs] = [await response(options)(proxy), await response(options)(engine)];
  assert.deepEqual(essence(ours), essence(theirs));
  return ours;
}

async function told(options, sdk) {
  const kinds = [];
  let text = "", final = null;
  for await (const event of await response({ stream: true, ...options })(sdk)) {
    if (kinds.at(-1) !== event.type) kinds.push(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
    if (event.type === "response.completed") final = event.response;
  }
  return { text, kinds, final: essence(final) };
}

async function refused(kind, code, call) {
  const error = await call(proxy).then(() => assert.fail(`no ${kind.name}`), (found) => found);
  assert.equal(error.constructor.name, kind.name);
  assert.equal(error.code, code);
}

export const cases = {
  responses_plain: async () => assert.match((await compared({})).output_text, /Tokyo/),
  responses_stream: async () => {
    const [ours, theirs] = [await told({}, proxy), await told({}, engine)];
    assert.deepEqual(ours, theirs);
    assert.match(ours.text, /Tokyo/);
  },
  responses_stream_by_the_sdks_own_gatherer: async () => {
    const stream = proxy.responses.stream({ model: "demo", input: "Capital of Japan?", temperature: 0, max_output_tokens: 64 });
    for await (const event of stream) assert.ok(event.type);
    assert.match((await stream.finalResponse()).output_text, /Tokyo/);
  },
  responses_with_instructions: () => compared({ instructions: "Be brief." }),
  responses_unicode_in_and_out: () => compared({ input: "Größe, 東京, 🦊, \u0000\u202e\n".repeat(5) }),
  responses_end_at_the_limit: async () => assert.equal((await compared({ max_output_tokens: 3 })).status, "incomplete"),
  responses_remember_nothing: async () => {
    for (const member of [{ store: true }, { previous_response_id: "resp_1" }, { background: true }])
      await refused(OpenAI.BadRequestError, "openai.unsupported_field", response(member));
  },
  responses_that_are_aborted: async () => {
    const stream = await response({ input: "Tell me a story.", stream: true, max_output_tokens: 600 })(proxy);
    let events = 0;
    for await (const event of stream) if (event.type === "response.output_text.delta" && ++events === 2) stream.controller.abort();
    assert.ok(events >= 2);
  },
  embeddings_are_the_engines: async () => {
    for (const input of ["Größe, 東京", ["a", "b"]]) {
      const [ours, theirs] = [proxy, engine].map((sdk) => sdk.embeddings.create({ model: "demo", input }));
      assert.deepEqual((await ours).data.map((one) => one.embedding), (await theirs).data.map((one) => one.embedding));
    }
  },
  embeddings_of_nothing: () =>
    refused(OpenAI.BadRequestError, "openai.bad_request", (sdk) => sdk.embeddings.create({ model: "demo", input: "" })),
};
