// Plays a livestream in Chromium, with player.html, and checks that it is a moving picture.
// Prints "ok: ..." or "FAILED: ...".
//
//     node player.mjs URL [SCREENSHOT]     URL: an HLS playlist; SCREENSHOT: a PNG file to write
//
// The environment variable CHROMIUM is the browser's path.
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';
import {chromium} from 'playwright-core';

const [url, screenshot] = process.argv.slice(2);
const patience = 45_000;  // ms

const files = {'/player.html': ['text/html', 'player.html'],
               '/hls.js': ['text/javascript', 'node_modules/hls.js/dist/hls.min.js']};

function serve(request, response) {
  const [type, path] = files[new URL(request.url, 'http://localhost').pathname] ?? [];
  if (!path) return response.writeHead(404).end();
  response.writeHead(200, {'Content-Type': type}).end(readFileSync(new URL(path, import.meta.url)));
}

// In the page: returns once two seconds have been played in changing pictures.
async function watch() {
  const begin = {time: video.currentTime, frames: frames()};
  let last = pixels();
  let changes = 0;
  while (video.currentTime < begin.time + 2 || frames() < begin.frames + 20 || changes < 10) {
    await new Promise(resolve => video.requestVideoFrameCallback(resolve));
    const now = pixels();
    if (now.some((value, i) => Math.abs(value - last[i]) > 48)) ++changes, last = now;
  }
  return {frames: frames() - begin.frames, seconds: video.currentTime - begin.time};
}

// What to know of a page that does not play.
const state = () => ({
  currentTime: video.currentTime, frames: frames(), size: `${video.videoWidth}x${video.videoHeight}`,
  readyState: video.readyState, error: video.error?.message, hls: [...new Set(problems)].join('; ')});

const server = createServer(serve).listen(0, '127.0.0.1');
await new Promise(resolve => server.on('listening', resolve));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--autoplay-policy=no-user-gesture-required', '--mute-audio', '--no-proxy-server']});
const page = await browser.newPage({viewport: {width: 760, height: 500}});
const messages = [];
page.on('console', message => messages.push(`console: ${message.text()}`));
page.on('pageerror', error => messages.push(error.message));
page.on('requestfailed', request => messages.push(`${request.url()}: ${request.failure().errorText}`));
page.on('response', response => {
  if (!response.ok()) messages.push(`${response.url()}: status ${response.status()}`);
});
let awaited = 'page';

async function play() {
  const begin = Date.now();
  await page.goto(`http://127.0.0.1:${server.address().port}/player.html#${encodeURIComponent(url)}`);
  awaited = 'picture';
  await page.waitForFunction(() => video.currentTime > 0 && frames() > 0, null, {timeout: 0});
  console.log(`ok: a picture in the browser after ${((Date.now() - begin) / 1000).toFixed(1)} s`);
  awaited = 'moving picture';
  const seen = await page.evaluate(watch);
  console.log(`ok: it moves: ${seen.frames} frames in ${seen.seconds.toFixed(1)} s`);
  if (screenshot) await page.screenshot({path: screenshot});
}

try {
  await Promise.race([play(), new Promise((_, reject) => setTimeout(() => {
    reject(new Error(`no ${awaited} within ${patience / 1000} s`));
  }, patience).unref())]);
} catch (error) {
  console.log(`FAILED: ${error.message}`, await page.evaluate(state).catch(() => ''));
  for (const message of new Set(messages)) console.log(`  ${message}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  server.close();
}
