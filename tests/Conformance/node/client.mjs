// Drives the sidecar with the official SDK and prints one JSON document with what it saw.
import { CommunicationProtocolEnum, DaprServer, LogLevel } from "@dapr/dapr";

const [daprPort, appPort, daprApiToken] = process.argv.slice(2);
const quiet = { level: LogLevel.Error, service: { error: (...words) => console.error(...words), warn() {}, info() {}, verbose() {}, debug() {} } };
const server = new DaprServer({
  serverHost: "127.0.0.1",
  serverPort: appPort,
  communicationProtocol: CommunicationProtocolEnum.HTTP,
  logger: quiet,
  clientOptions: { daprHost: "127.0.0.1", daprPort, daprApiToken, communicationProtocol: CommunicationProtocolEnum.HTTP, logger: quiet },
});

const received = [];
const expected = 7;
let allReceived;
const done = new Promise((resolve) => (allReceived = resolve));
const keep = (topic) => async (data, headers) => {
  received.push({ topic, data: Buffer.isBuffer(data) ? { base64: data.toString("base64") } : data, pubsubname: headers?.pubsubname });
  if (received.length === expected) {
    allReceived();
  }
};

await server.pubsub.subscribe("bus", "js", keep("js"));
await server.pubsub.subscribe("bus", "js-bulk", keep("js-bulk"));
await server.start();

const client = server.client;
const published = [
  await client.pubsub.publish("bus", "js", { order: 1 }, { metadata: { "cloudevent.id": "js-1" } }),
  await client.pubsub.publish("bus", "js", "plain words"),
  await client.pubsub.publish("bus", "js", { specversion: "1.0", id: "js-own", source: "sdk", type: "test", data: { own: true } }),
  await client.pubsub.publish("bus", "js", "as json", { contentType: "application/json" }),
];
const bulk = await client.pubsub.publishBulk("bus", "js-bulk", [{ order: 2 }, "three", { entryID: "x", contentType: "application/json", event: { order: 4 } }]);
const unknown = await client.pubsub.publish("nowhere", "js", { order: 5 });
await client.metadata.set("owner", "sdk");
const metadata = await client.metadata.get();

const timeout = new Promise((_, reject) => setTimeout(() => reject(new Error(`only ${received.length} of ${expected} events arrived`)), 15000));
await Promise.race([done, timeout]);
process.stdout.write(JSON.stringify({ published, bulk, unknown: String(unknown.error), metadata, received }) + "\n", () => process.exit(0));
