// Reads and writes with Cloudflare's own TypeScript SDK what the C++ library writes and reads.
//
//     node sdk.mjs write READS      calls everything: creates, changes, deletes, reads back what it
//                                   sent; and writes to READS how to read all that again
//     node sdk.mjs compare MODELS   repeats the reads of MODELS with the SDK, and compares
//
// The environment is the C++ library's: CLOUDFLARE_BASE_URL, CLOUDFLARE_API_TOKEN,
// CLOUDFLARE_ACCOUNT_ID, REALTIMEKIT_APP_ID.
//
// READS and MODELS hold a JSON object on each line:
//
//     {"operationId": "get_meeting", "parameters": {"meeting_id": "..."}}                    READS
//     {"operationId": "get_meeting", "parameters": {"meeting_id": "..."}, "model": {...}}    MODELS
//     {"operationId": "get_meeting", "parameters": {"meeting_id": "..."}, "status": 404}     MODELS
//
// operationId is that of a GET in openapi.yaml; parameters are those of its path and query, but for
// account_id and app_id. model is what the C++ library made of the answer, as rtk::to_string prints
// it: secrets as "***", absent fields left out. If the read failed, status stands in its place.
//
// api_tests appends its reads to the READS file that $API_TESTS_READS names; `api_tests --read FILE`
// repeats those of any such file, and prints MODELS. So each side reads what the other has written.
import { readFileSync, writeFileSync } from 'node:fs';
import Cloudflare from 'cloudflare';
import { example, operationAt, operations } from './openapi.mjs';

const account_id = process.env.CLOUDFLARE_ACCOUNT_ID;
const app_id = process.env.REALTIMEKIT_APP_ID;
const onlyToken = { apiKey: null, apiEmail: null, userServiceKey: null };
const client = new Cloudflare({ maxRetries: 0, ...onlyToken });

// ---- Calls.

// The SDK's methods by operationId: found by calling each and looking where its request goes.
const methods = new Map();
{
  let request;
  const fetch = async (url, { method }) => {
    request = { method, path: new URL(url).pathname.replace('/client/v4', '') };
    return Response.json({});
  };
  const probe = new Cloudflare({ apiToken: 'x', baseURL: 'http://x/client/v4', fetch });
  const given = { account_id: 'x', app_id: 'x', meeting_id: 'x', session_id: 'x' };
  for (const [resource, api] of Object.entries(probe.realtimeKit)) {
    const base = Object.getPrototypeOf(Object.getPrototypeOf(api));
    if (resource === '_client') continue;
    for (const name of Object.getOwnPropertyNames(base)) {
      if (name === 'constructor') continue;
      const takesOneFirst = api[name].length === 3; // such as get(meetingID, params, options)
      await (takesOneFirst ? api[name]('FIRST', given) : api[name](given));
      const { id, path } = operationAt(request.method, request.path);
      const place = request.path.split('/').indexOf('FIRST');
      methods.set(id, { resource, name, first: path.split('/')[place]?.slice(1, -1) });
    }
  }
}

let lastCalled;

// The answer, whole. Throws if it is an error.
async function call(id, parameters = {}) {
  lastCalled = id;
  const { method, path, inPath, body } = operations.get(id);
  const all = { account_id, app_id, ...parameters };
  const own = methods.get(id);
  if (!own) {
    const filled = path.replace(/{(.*?)}/g, (_, name) => encodeURIComponent(all[name]));
    for (const name of inPath) delete all[name];
    delete all.app_id;
    return client[method](filled, method === 'get' ? { query: all } : body && { body: all });
  }
  if (!inPath.includes('app_id')) delete all.app_id;
  // Where there is nothing to say the SDK sends no body; the library {}, as openapi.yaml wants it.
  const isEmpty = method === 'post' && Object.keys(body.properties).length === 0;
  const options = isEmpty ? { body: {} } : {};
  const api = client.realtimeKit[own.resource];
  if (!own.first) return api[own.name](all, options);
  const { [own.first]: first, ...rest } = all;
  return api[own.name](first, rest, options);
}

// What went wrong, in words.
function reason(error) {
  if (!error.status) return error.stack;
  const violations = error.error?.validation?.map(({ message }) => message); // Prism's
  return `status ${error.status}: ${violations?.join('; ') ?? JSON.stringify(error.error)}`;
}

let failed = 0;
function fail(text) {
  failed += 1;
  console.log(`FAILED: ${text}`);
}

// ---- Comparing.

const isList = Array.isArray;
const isObject = (value) => typeof value === 'object' && value !== null && !isList(value);
// Absent on the wire, in each of the ways in which the server says it.
const isNothing = (value) =>
  value === undefined || value === null || value === '' || value === 'null' ||
  (typeof value === 'object' && Object.values(value).every(isNothing));
// What a C++ field without optional has where nothing came.
const isDefault = (value) =>
  value === false || value === 0 || isNothing(value) ||
  (typeof value === 'object' && Object.values(value).every(isDefault));

// The names of both that mean the same, then those that only one has. session_id is sessionId, and,
// where nothing fits better, sessions is session. The server sends some things under both.
function pairs(mine, theirs) {
  const found = [];
  let left = Object.keys(mine);
  let others = Object.keys(theirs);
  const plain = (name) => name.replace(/_/g, '').toLowerCase();
  const singular = (name) => plain(name).replace(/s$/, '');
  for (const form of [(name) => name, plain, singular]) {
    left = left.filter((name) => {
      const other = others.find((one) => form(one) === form(name));
      if (other !== undefined) found.push([name, other]);
      others = others.filter((one) => one !== other);
      return other === undefined;
    });
  }
  others = others.filter((name) => !found.some(([, other]) => singular(other) === singular(name)));
  return [...found, ...left.map((name) => [name]), ...others.map((name) => [undefined, name])];
}

// What the library must mask.
const secrets = /(token|secret|password|stream_key|access_key|private_key|rtmp_url)$/;
const isSecret = (name) => secrets.test(name);

function isSame(name, mine, theirs) {
  if (isSecret(name)) return mine === '***';
  if (String(mine) === String(theirs)) return true;
  // These run on between two reads.
  if (/expiry$/i.test(name)) return Math.abs(Date.parse(mine) - Date.parse(theirs)) < 60e3;
  const limit = /minutes|duration/.test(name) ? 1 : 0;
  return mine !== '' && theirs !== '' && Math.abs(Number(mine) - Number(theirs)) <= limit;
}

// Compares a model, or what was sent, with an answer. Lists what differs; returns how many values
// are the same.
function compare(mine, theirs, differences, at = '') {
  const different = () => (differences.push({ at, mine, theirs }), 0);
  if (isNothing(theirs)) return isDefault(mine) ? 0 : different();
  if (isNothing(mine)) return different();
  const sum = (parts, compareOne) => parts.reduce((count, part) => count + compareOne(part), 0);
  if (isList(mine) || isList(theirs)) {
    const others = [theirs].flat();
    const both = [mine].flat().map((one, i) => [one, others[i], i]);
    if (both.length !== others.length) return different();
    return sum(both, ([one, other, i]) => compare(one, other, differences, `${at}[${i}]`));
  }
  if (isObject(mine) && isObject(theirs)) {
    return sum(pairs(mine, theirs), ([name, other]) =>
      compare(mine[name], theirs[other], differences, `${at}.${name ?? other}`),
    );
  }
  return isSame(at, mine, theirs) ? 1 : different();
}

// A list of differences, without secrets.
function inWords(differences) {
  const hide = (name, value) => (isSecret(name) ? '***' : value);
  const shown = (value) => (JSON.stringify(value, hide) ?? 'nothing').slice(0, 200);
  const lines = differences.map(({ at, mine, theirs }) =>
    isSecret(at)
      ? `\n  ${at}: a secret that only one has, or that is not masked`
      : `\n  ${at}: ${shown(mine)}, not ${shown(theirs)}`,
  );
  return lines.join('');
}

// The part of an answer that a model shows. The library takes off what the server wraps it in.
function shownBy(model, { data, paging }) {
  const { paging: pagingInside, ...others } = data;
  const pages = paging ?? pagingInside;
  const [only, ...more] = Object.values(others);
  const isWrapped = !more.length && typeof only === 'object';
  if ('data' in model) {
    const items = isList(data) ? data : isWrapped ? only : [data];
    return { data: items, paging: pages };
  }
  if (isWrapped && pairs(model, data).every(([ours, other]) => !ours || !other)) return only;
  return 'paging' in model ? { ...data, paging: pages } : data;
}

async function compareAll(file) {
  const gets = [...operations.values()].filter((one) => one.method === 'get');
  const unread = new Set(gets.map((one) => one.id));
  let reads = 0;
  let values = 0;
  for (const line of new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))) {
    const { operationId, parameters, model, status } = JSON.parse(line);
    const what = `${operationId} ${JSON.stringify(parameters)}`;
    try {
      const answer = await call(operationId, parameters);
      const differences = [];
      const count = compare(model, shownBy(model ?? {}, answer), differences);
      if (differences.length) fail(`${what}: library and SDK differ${inWords(differences)}`);
      if (count) unread.delete(operationId);
      values += count;
    } catch (error) {
      if (!status || error.status !== status) fail(`${what}: ${reason(error)}`);
    }
    reads += 1;
  }
  if (unread.size) fail(`nothing was compared of ${[...unread].join(', ')}`);
  if (failed) return;
  console.log(`ok: library and SDK read the same: ${values} values in ${reads} answers`);
}

// ---- Writing.

async function write(file) {
  const called = new Set();
  const reads = [];
  // All that can be sent, but for what is given.
  const all = (id, given) => ({ ...example(operations.get(id).body ?? {}, true), ...given });
  const send = async (id, parameters) => {
    called.add(id);
    return (await call(id, parameters)).data;
  };
  const sendAll = (id, given) => send(id, all(id, given));
  // Reads back what was sent. Secrets cannot be read.
  const read = async (id, parameters = {}, sent = undefined) => {
    reads.push({ operationId: id, parameters });
    const data = await send(id, parameters);
    const differences = [];
    if (sent) compare(sent, data, differences);
    const lost = differences.filter(({ at, mine }) => mine !== undefined && !isSecret(at));
    if (lost.length) fail(`${id}: what was sent and what is there differ${inWords(lost)}`);
    return data;
  };
  const readDeleted = async (id, parameters) => {
    reads.push({ operationId: id, parameters });
    const status = await send(id, parameters).then(() => 200, (error) => error.status);
    if (status !== 404) fail(`${id} of what was deleted: status ${status}`);
  };

  await sendAll('create_app');
  await read('get_apps');

  const { id: preset_id } = await sendAll('post-presets');
  await sendAll('patch-presets-preset_id', { preset_id });
  const preset = all('put-presets-preset_id');
  await send('put-presets-preset_id', { preset_id, ...preset });
  await read('get-presets-preset_id', { preset_id }, preset);
  const otherPreset = await sendAll('post-presets');
  await send('delete-presets-preset_id', { preset_id: otherPreset.id });
  await readDeleted('get-presets-preset_id', { preset_id: otherPreset.id });
  await read('get-presets', { page_no: 1, per_page: 2 });

  const { id: webhook_id } = await sendAll('addWebhook');
  await sendAll('editWebhook', { webhook_id });
  const webhook = all('replaceWebhook');
  await send('replaceWebhook', { webhook_id, ...webhook });
  await read('getWebhook', { webhook_id }, webhook);
  const otherWebhook = await sendAll('addWebhook');
  await send('deleteWebhook', { webhook_id: otherWebhook.id });
  await readDeleted('getWebhook', { webhook_id: otherWebhook.id });
  await read('getAllWebhooks');
  await read('getAllWebhookEvents');

  const { id: livestream_id } = await sendAll('create_livestream');
  await send('disable-livestream', { livestream_id });
  await send('enable-livestream', { livestream_id });
  await send('reset-stream-key', { livestream_id });
  await read('get-v2-livestream-session-livestream-id', { livestream_id, page_no: 1 });
  await read('fetch_all_livestreams', { exclude_meetings: true, sort_order: 'DSC' });

  // A meeting that goes on, with all that can go on in it, and then one that has ended.
  for (const ends of [false, true]) {
    const { id: meeting_id } = await sendAll('create_meeting');
    await sendAll('replace_meeting', { meeting_id });
    const meeting = all('update_meeting', { status: 'ACTIVE' });
    await send('update_meeting', { meeting_id, ...meeting });
    await read('get_meeting', { meeting_id }, meeting);

    const join = () => sendAll('add_participant', { meeting_id, preset_name: preset.name });
    const { id: participant_id } = await join();
    const person = all('edit_participant', { preset_name: preset.name });
    await send('edit_participant', { meeting_id, participant_id, ...person });
    await send('regenerate_token', { meeting_id, participant_id });
    await read('get_meeting_participant', { meeting_id, participant_id }, person);
    const other = { meeting_id, participant_id: (await join()).id };
    await send('delete_meeting_participant', other);
    await readDeleted('get_meeting_participant', other);
    await read('get_meeting_participants', { meeting_id });

    const { id: streamed } = await sendAll('start-livestreaming', { meeting_id });
    const { session } = await send('get-v2-active-livestream-session-details', {
      livestream_id: streamed,
    });
    const several = { meeting_id, allow_multiple_recordings: true };
    const { id: recording_id } = await sendAll('start_recording', several);
    await send('pause_resume_stop_recording', { recording_id, action: 'pause' });
    await sendAll('startTrackRecordingForAMeeting', { meeting_id });
    const { id: session_id } = await send('GetActiveSession', { meeting_id });
    await sendAll('CreatePoll', { meeting_id });
    await send('MuteParticipants', { meeting_id, participant_ids: [participant_id] });
    await sendAll('MuteAllParticipants', { meeting_id });
    await send('post-sessions-session_id-summary', { session_id });
    if (ends) {
      await send('stop_livestreaming', { meeting_id });
      await send('pause_resume_stop_recording', { recording_id, action: 'stop' });
      await send('KickPartcipants', { meeting_id, participant_ids: [participant_id] });
      await join();
      await send('KickAllParticipants', { meeting_id });
    }

    const readActive = ends ? readDeleted : read;
    await readActive('GetActiveSession', { meeting_id });
    await readActive('get_active_recording', { meeting_id });
    await readActive('get-v2-meetings-meetingId-active-livestream', { meeting_id });
    await readActive('get-v2-active-livestream-session-details', { livestream_id: streamed });
    await read('get-v2-livestream-session-livestream-id', { livestream_id: streamed });
    await read('get-v2-livestreams-livestream-session-id', { livestream_session_id: session.id });
    await read('livestream-session-details', { meeting_id });
    await read('get-v2-livestreamsession-session-meetingId-active-livestream', { session_id });
    await read('get_one_recording', { recording_id });
    await read('GetSessionDetails', { session_id });
    const { participants } = await read('GetSessionParticipants', { session_id, per_page: 1 });
    const peer = { peer_id: participants[0].id, include_peer_events: true };
    await read('GetParticipantDataFromPeerId', peer);
    await read('GetParticipantDetails', { session_id, participant_id: participants[0].id });
    await read('GetSessionChat', { session_id });
    await read('GetSessionTranscript', { session_id, format: 'VTT' });
    await read('GetSessionSummary', { session_id });
  }
  await read('get_all_meetings', { per_page: 1, page_no: 2 });
  await read('get_all_recordings', { status: ['RECORDING', 'PAUSED'] });
  await read('GetSessions', { status: 'LIVE', sort_by: 'createdAt' });
  await read('get-org-analytics');
  await read('get-livestream-analytics-daywise');
  await read('get-livestream-analytics-complete');

  writeFileSync(file, reads.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const never = [...operations.keys()].filter((id) => !called.has(id));
  if (never.length) fail(`never called: ${never.join(', ')}`);
  const without = [...called].filter((id) => !methods.has(id));
  if (failed) return;
  console.log(`ok: the SDK called ${called.size} operations, and read back what it sent`);
  console.log(`It has no method for ${without.length} of them: ${without.join(', ')}`);
}

const [, , verb, file] = process.argv;
try {
  await { write, compare: compareAll }[verb](file);
} catch (error) {
  fail(`${lastCalled}: ${reason(error)}`);
}
process.exit(failed ? 1 : 0);
