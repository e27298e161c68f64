#!/bin/sh
# node: four worker threads and the main thread, with buffers, JSON, streams and zlib, compute the known sums.
. "$(dirname "$0")/../sandbox.sh"
needs node

cat >work.js <<'END'
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const zlib = require('zlib');
const crypto = require('crypto');
const { execFileSync } = require('child_process');

function work(seed) {
	let sum = 0;
	const kept = [];
	for (let i = 0; i < 4000; i++) {
		const buffer = Buffer.allocUnsafeSlow(16 + (i * 7919 + seed) % 20000).fill(i & 255);
		kept.push(buffer);
		if (kept.length > 100) {
			const old = kept.splice((i * 31) % 100, 1)[0];
			if (!old.every(byte => byte === old[0])) throw new Error('a buffer changed');
		}
		sum += i;
	}
	const records = Array.from({ length: 5000 }, (_, i) => ({ id: i, name: 'n' + i, list: [i, i + 1] }));
	const text = JSON.stringify(records);
	for (const record of JSON.parse(text)) sum += record.list[1] - record.list[0];
	for (let level = 1; level <= 4; level++) {
		const packed = zlib.deflateSync(text, { level });
		if (zlib.inflateSync(packed).toString() !== text) throw new Error('zlib changed the text');
	}
	const hash = crypto.createHash('sha256').update('abc').digest('hex');
	if (!hash.startsWith('ba7816bf8f01cfea')) throw new Error('sha256 is wrong');
	return sum;
}

if (!isMainThread) {
	parentPort.postMessage({ sum: work(workerData), shared: new Uint8Array(100000).fill(7) });
} else {
	let total = 0, ended = 0;
	const rounds = 2, threads = 4;
	const start = round => {
		let running = threads;
		for (let seed = 0; seed < threads; seed++) {
			const worker = new Worker(__filename, { workerData: seed });
			worker.on('message', message => {
				total += message.sum + message.shared.reduce((a, b) => a + b, 0);
			});
			worker.on('error', error => { throw error; });
			worker.on('exit', code => {
				if (code !== 0) throw new Error('a worker ended with ' + code);
				ended++;
				if (--running === 0) round + 1 < rounds ? start(round + 1) : finish();
			});
		}
		total += work(99);
	};
	const finish = () => {
		const echo = execFileSync('/bin/echo', ['child']).toString();
		console.log('total', total, 'workers', ended, echo.trim());
	};
	start(0);
}
END
# A sum is 3999*4000/2 + 5000 = 8003000, ten of them; a shared array is 700000, eight of them.
expected='total 85630000 workers 8 child'
got=$(preloaded node work.js 2>node.log) || fail "node ended with status $?"
[ "$got" = "$expected" ] || fail "expected '$expected', got '$got'"
stats_seen node
