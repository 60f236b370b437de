import { randomUUID } from 'node:crypto';
import { UsageError, type ServiceFlags } from './commandLine';
import type { CommandContext } from './commandContext';
import { createServices } from './services';
import { stopSignal } from './stopSignal';

/**
 * Calls one tool and prints its result.
 * @returns the exit code: 1 where the tool failed.
 * @throws UsageError for a tool that does not exist.
 */
export async function callTool(
  flags: ServiceFlags,
  { tool, input }: { tool: string; input: Record<string, unknown> },
  { version, logger }: CommandContext,
): Promise<number> {
  const services = await createServices(flags, version, logger);
  const interrupted = new AbortController();
  void stopSignal().then(() => interrupted.abort());
  try {
    const result = await services.pipeline.call({
      name: tool,
      arguments: input,
      caller: { client: 'command line', sessionId: randomUUID() },
      signal: interrupted.signal,
      reportProgress: ({ message }) => {
        if (message !== undefined) logger.info(message);
      },
      onAwsRequest: ({ service, operation, durationMs }) =>
        logger.debug(`${service} ${operation} ${Math.round(durationMs)} ms`),
      // Whoever runs this command may be a program, so nothing it can type counts as a person's yes.
      clientAsker: undefined,
    });
    if (!result) {
      const names = services.registry.all.map((registered) => registered.tool.name).join(', ');
      throw new UsageError(`There is no tool ${tool}; there are ${names}.`);
    }
    if (result.isError) {
      const [report] = result.content;
      process.stderr.write(`${report?.type === 'text' ? report.text : JSON.stringify(result)}\n`);
      return 1;
    }
    process.stdout.write(`${JSON.stringify(result.structuredContent)}\n`);
    return 0;
  } finally {
    await services.dispose();
  }
}
