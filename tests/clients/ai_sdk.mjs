// The AI SDK's provider for OpenAI-compatible servers against the gateway.
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, jsonSchema, streamText, tool } from "ai";

const [what] = process.argv.slice(2);
const { BASE, KEY, MODEL } = process.env;
const usher = createOpenAICompatible({ name: "usher", baseURL: `${BASE}/v1`, apiKey: KEY, includeUsage: true });
const model = usher(MODEL);
const prompt = "Hello there, who are you?";

const checks = {
  async plain() {
    const whole = await generateText({ model, prompt });
    assert.ok(whole.text.length > 0);
    assert.equal(whole.finishReason, "stop");
    assert.ok(whole.usage.totalTokens > 0);
    const streamed = streamText({ model, prompt });
    let text = "";
    for await (const part of streamed.textStream) text += part;
    assert.ok(text.length > 0);
    assert.ok((await streamed.usage).totalTokens > 0);
  },
  async tools() {
    const weather = tool({ description: "The weather", inputSchema: jsonSchema({ type: "object" }) });
    const answer = await generateText({ model, prompt, tools: { weather } });
    assert.equal(answer.finishReason, "tool-calls");
    assert.ok(answer.toolCalls.length > 0);
  },
  async broken() {
    const failures = [];
    const streamed = streamText({ model, prompt, onError: ({ error }) => failures.push(error), maxRetries: 0 });
    for await (const _ of streamed.fullStream);
    assert.ok(failures.length > 0, "a broken answer is told");
  },
  async retries() {
    const ask = () => generateText({ model, prompt, maxRetries: 5 });
    const answers = await Promise.all(Array.from({ length: Number(process.env.AT_ONCE) }, ask));
    for (const answer of answers) assert.ok(answer.text.length > 0);
  },
  async errors() {
    await assert.rejects(generateText({ model: usher("nothing"), prompt, maxRetries: 0 }), /know no model/);
  },
};

await checks[what]();
