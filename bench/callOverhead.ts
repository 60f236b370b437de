import { ensureNode24 } from '../scripts/toolbox/node24';
import { atMost, summarise, type Bench } from './measure';
import { startOurServer, type OurServer } from './ourServer';

const callsPerRound = 400;
const kinds = ['raw', 'unrecorded', 'host'] as const;

interface Measured {
  server: OurServer;
  times: number[];
  /** Median of each round, in milliseconds. */
  medians: number[];
  /** Processor time of a call in each round, in microseconds. */
  cpu: number[];
}

async function microsecondsOf({ server }: Measured): Promise<number> {
  const { cpu } = await server.usage();
  return cpu.user + cpu.system;
}

/** One client, one call at a time, against the bare SDK and against our host without and with recording, in turns. */
export const callOverhead: Bench = async ({ isQuick }) => {
  const rounds = isQuick ? 8 : 24;
  const { node } = await ensureNode24();
  const measured: Measured[] = [];
  try {
    for (const kind of kinds) {
      const server = await startOurServer(node, 'echoServer.ts', [kind]);
      measured.push({ server, times: [], medians: [], cpu: [] });
      await server.client.begin();
      await server.client.callInTurn(2000);
    }
    for (let round = 0; round < rounds; round++) {
      // There and back again, so that what the machine does meanwhile falls on all alike.
      for (const one of round % 2 === 0 ? measured : measured.toReversed()) {
        const before = await microsecondsOf(one);
        const times = await one.server.client.callInTurn(callsPerRound);
        one.cpu.push(((await microsecondsOf(one)) - before) / callsPerRound);
        one.medians.push(summarise(times).p50);
        one.times.push(...times);
      }
    }
  } finally {
    for (const { server } of measured) await server.stop();
  }
  const [raw, unrecorded, host] = measured as [Measured, Measured, Measured];
  /** Median of what each round says, so that a disturbed round counts for one. */
  const more = (of: (one: Measured) => readonly number[], left: Measured, right: Measured): number =>
    summarise(of(left).map((value, round) => value / (of(right)[round] ?? NaN))).p50;
  const [bare, ours] = [summarise(raw.times), summarise(host.times)];
  const cpu = (one: Measured): number => summarise(one.cpu).p50;
  return {
    title: 'Overhead of a tool call',
    method:
      `\`tools/call\` of an echo tool over loopback HTTP (sessions, keep-alive), Node 24, ${rounds} rounds of ` +
      `${callsPerRound} calls each in turns, after 2,000 to warm up. Ratios are medians over the rounds.`,
    rows: [
      { what: 'Bare SDK, p50 / p99', measured: `${bare.p50.toFixed(2)} / ${bare.p99.toFixed(2)} ms` },
      { what: 'Our host, recording on, p50 / p99', measured: `${ours.p50.toFixed(2)} / ${ours.p99.toFixed(2)} ms` },
      atMost(
        'Our host to the bare SDK, p50',
        more(({ medians }) => medians, host, raw),
        1.3,
        'x',
        2,
      ),
      atMost('What recording adds to the p50', (more(({ medians }) => medians, host, unrecorded) - 1) * 100, 5, '%'),
      {
        what: 'Processor time of a call: bare SDK, our host without and with recording',
        measured: [raw, unrecorded, host].map((one) => `${cpu(one).toFixed(0)} µs`).join(', '),
      },
      {
        what: 'What recording adds to the processor time',
        measured: `${((more((one) => one.cpu, host, unrecorded) - 1) * 100).toFixed(1)} %`,
      },
    ],
  };
};
