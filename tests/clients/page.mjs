// The redeem page in a real browser, by keyboard alone, on a phone's and a desktop's width; axe has to find nothing.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const { BASE, BROWSER, CODES } = process.env;
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: BROWSER, headless: true, args: quiet });
const codes = CODES.split(" ");
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const languages = { en: ["Done", "Problem"], "zh-CN": ["完成", "有问题"] };

async function accessible(page, where) {
  // axe is put in beside the page's own policy, which allows no script at all.
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Page.setBypassCSP", { enabled: true });
  await page.reload();
  await page.addScriptTag({ path: axe });
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.help}`), [], where);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${where}: the page is wider than the screen`);
}

try {
  for (const [size, viewport] of Object.entries(sizes)) {
    for (const [language, [done, problem]] of Object.entries(languages)) {
      for (const colorScheme of ["light", "dark"]) {
        const context = await browser.newContext({ viewport, colorScheme, locale: language, javaScriptEnabled: true });
        const page = await context.newPage();
        const refused = [];
        page.on("console", (line) => line.type() === "error" && refused.push(line.text()));
        await page.goto(`${BASE}/redeem`);
        await accessible(page, `form, ${size}, ${language}, ${colorScheme}`);
        await context.close();
      }
      // Without any script, and without a mouse.
      const context = await browser.newContext({ viewport, locale: language, javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${BASE}/redeem`);
      await page.keyboard.type("TEAM-0000");
      await page.keyboard.press("Tab");
      await page.keyboard.type("me@example.com");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
      assert.ok((await page.title()).startsWith(problem), "the title says that something is wrong");
      await page.keyboard.press("Control+A");
      await page.keyboard.type(codes.pop());
      await page.keyboard.press("Tab");
      await page.keyboard.press("Control+A");
      await page.keyboard.type(`${size}.${language.toLowerCase()}@example.com`);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("status").waitFor();
      assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), done);
      const there = page.url();
      const cookies = await context.cookies();
      await context.close();
      const reading = await browser.newContext({ viewport, locale: language });
      await reading.addCookies(cookies);
      const again = await reading.newPage();
      await again.goto(there);
      await accessible(again, `done, ${size}, ${language}`);
      await reading.close();
    }
  }
} finally {
  await browser.close();
}
