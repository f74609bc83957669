// Sends closed bars of five minutes to a server that is started so:
// tickerlens-server --feed push:tcp://127.0.0.1:5560 --market crypto --interval 5m --bundle crypto-5min
// npm install zeromq@6 @msgpack/msgpack@3; node send_bars.mjs
import { encode } from "@msgpack/msgpack";
import { Push } from "zeromq";

const socket = new Push();
socket.connect(process.argv[2] ?? "tcp://127.0.0.1:5560");
const send = (type, fields) => socket.send(encode({ type, version: 1, ...fields }));

const length = 5 * 60_000;
const symbols = ["BTCUSDT"];
const bar = (closeMs) => ({
  symbols, close_ms: [closeMs], open: [60_000], high: [60_020], low: [59_990], close: [60_010],
  volume: [12.5],
});

await send("listing", { symbols, names: ["Bitcoin"] });
const last = Math.floor(Date.now() / length) * length; // the close of the newest bar
for (let n = 300; n > 0; n--) await send("bars", { ...bar(last - n * length), history: true });
await send("live", {});
await send("bars", bar(last));
