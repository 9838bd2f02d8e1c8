// The call with Cloudflare's own TypeScript SDK. As the other programs: CALLS [CALLS AT ONCE].
import Cloudflare from 'cloudflare';

const [calls, atOnce] = [process.argv[2] ?? 0, process.argv[3] ?? 1].map(Number);
const client = new Cloudflare({
  apiToken: 'bench-token-0123456789-0123456789-01234567',
  apiKey: null,
  apiEmail: null,
  userServiceKey: null,
  baseURL: `https://127.0.0.1:${process.env.BENCH_PORT}/client/v4`,
});
const path = '/accounts/bench-account/realtime/kit/bench-app/livestreams'; // no method of its own

const times = [];

async function make(count) {
  let next = 0;
  const work = async () => {
    while (next++ < count) {
      const begin = performance.now();
      const { data } = await client.post(path, { body: { name: 'launch' } });
      if (!data.stream_key) throw new Error('create failed');
      times.push(performance.now() - begin);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

await make(1);
if (calls > 0) {
  await make(300); // until it is compiled
  times.length = 0;
  const begin = performance.now();
  await make(calls);
  const all = (performance.now() - begin) / calls;
  const median = times.sort((a, b) => a - b)[times.length >> 1];
  console.log(1000 * (atOnce > 1 ? all : median));
}
