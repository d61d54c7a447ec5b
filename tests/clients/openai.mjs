// OpenAI's own client for JavaScript against the gateway. What it gets is checked by what it makes of it.
import assert from "node:assert/strict";
import OpenAI from "openai";

const [what] = process.argv.slice(2);
const { BASE, KEY, MODEL } = process.env;
const client = new OpenAI({ apiKey: KEY, baseURL: `${BASE}/v1`, maxRetries: 2, timeout: 60_000 });
const messages = [{ role: "user", content: "Hello there, who are you?" }];
const tools = [{ type: "function", function: { name: "weather", parameters: { type: "object" } } }];
const png = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const checks = {
  async plain() {
    const models = await client.models.list();
    assert.deepEqual(models.data.map((one) => one.id), [MODEL]);
    const whole = await client.chat.completions.create({ model: MODEL, messages });
    assert.equal(whole.choices[0].finish_reason, "stop");
    assert.ok(whole.usage.total_tokens > 0);
    let text = "", last;
    const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true, stream_options: { include_usage: true } });
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      last = chunk;
    }
    assert.ok(text.length > 0);
    assert.ok(last.usage.total_tokens > 0);
    const image = { role: "user", content: [{ type: "text", text: "What is that?" }, { type: "image_url", image_url: { url: png } }] };
    assert.ok((await client.chat.completions.create({ model: MODEL, messages: [image] })).choices[0].message.content);
  },
  async helper() {
    const runner = client.chat.completions.stream({ model: MODEL, messages });
    assert.ok(await runner.finalContent());
  },
  async tools() {
    const answer = await client.chat.completions.create({ model: MODEL, messages, tools });
    assert.equal(answer.choices[0].finish_reason, "tool_calls");
    assert.equal(typeof JSON.parse(answer.choices[0].message.tool_calls[0].function.arguments), "object");
  },
  async stop() {
    const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true });
    let chunks = 0;
    for await (const chunk of stream) {
      if (chunk.choices[0]?.delta?.content && ++chunks === 3) break;
    }
    assert.equal(chunks, 3);
  },
  async broken() {
    const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true });
    await assert.rejects(async () => { for await (const _ of stream); }, OpenAI.APIError);
  },
  async retries() {
    // More at once, or within a minute, than is allowed: each is refused with a time to wait, and comes again after it.
    const patient = new OpenAI({ apiKey: KEY, baseURL: `${BASE}/v1`, maxRetries: 5, timeout: 60_000 });
    const ask = () => patient.chat.completions.create({ model: MODEL, messages });
    const answers = await Promise.all(Array.from({ length: Number(process.env.AT_ONCE) }, ask));
    for (const answer of answers) assert.ok(answer.choices[0].message.content);
  },
  async errors() {
    await assert.rejects(client.chat.completions.create({ model: "nothing", messages }), OpenAI.NotFoundError);
    await assert.rejects(client.chat.completions.create({ model: MODEL, messages: [] }), OpenAI.BadRequestError);
    const stranger = new OpenAI({ apiKey: "sk-wrong", baseURL: `${BASE}/v1` });
    await assert.rejects(stranger.models.list(), OpenAI.AuthenticationError);
  },
};

await checks[what]();
