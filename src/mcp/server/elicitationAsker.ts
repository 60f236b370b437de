import { SdkError, SdkErrorCode } from '@modelcontextprotocol/server';
import type { ConsentAnswer, ConsentAsker } from '../../tools/consent';
import { consentQuestion, readConsentAnswer } from './consentQuestion';
import type { FeatureRequest } from './serverFeatures';

/**
 * Asks through a request to the client while its own request waits (`elicitation/create`, revisions up to 2025-11-25).
 * @param timeoutMs milliseconds after which nobody's answer counts as no.
 */
export function elicitationAsker({ context }: FeatureRequest, timeoutMs: number): ConsentAsker {
  return {
    async ask(request, signal): Promise<ConsentAnswer> {
      try {
        const { action, content } = await context.mcpReq.send(
          { method: 'elicitation/create', params: { ...consentQuestion(request) } },
          { signal, timeout: timeoutMs },
        );
        return readConsentAnswer(action, content);
      } catch (error) {
        if (signal.aborted) return { kind: 'refused', reason: 'dismissed' };
        if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
          return { kind: 'refused', reason: 'timedOut' };
        }
        // The client answered with an error: nobody was asked, so nobody agreed.
        return { kind: 'refused', reason: 'nobodyToAsk' };
      }
    },
  };
}
