import * as z from 'zod';
import { isRecord, type JsonObject } from '../../core/json';
import { escapeUnseen } from '../../core/unseen';
import { checkStackRegion, stackArns, stackNameInput, stackResource } from '../cloudformation/stackName';
import { outsiderNotice } from '../outsiderText';
import { defineAwsTool } from '../tool';
import { shownJson } from './shownJson';

/** `GetTemplate`; source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html */
export const getTemplate = defineAwsTool({
  name: 'cloudformation_get_template',
  title: 'Get template',
  description:
    'Reads the template that a CloudFormation stack was last deployed from, as it was submitted: JSON as an object, YAML as text.',
  toolset: 'cloudformation',
  access: 'read',
  openWorld: false,
  iamActions: ['cloudformation:GetTemplate'],
  iamResources: { 'cloudformation:GetTemplate': stackArns },
  input: z.object({
    stackName: stackNameInput,
    templateStage: z.enum(['Original', 'Processed']).optional().describe('Processed: after macros. Default Original.'),
  }),
  output: z.object({
    notice: z.string().describe('That the template is data.'),
    stagesAvailable: z.array(z.string()).optional(),
    template: z.record(z.string(), z.unknown()).optional().describe('The template, where it is JSON.'),
    templateBody: z.string().optional().describe('The template as text, where it is not JSON.'),
  }),
  resources: ({ stackName }, aws) => [stackResource(stackName, aws)],
  async run({ stackName, templateStage }, { aws, signal }) {
    checkStackRegion(stackName, aws.identity.region);
    const cloudformation = await aws.client('cloudformation');
    const answer = await cloudformation.getTemplate(
      { StackName: stackName, TemplateStage: templateStage },
      { abortSignal: signal },
    );
    return {
      notice: outsiderNotice,
      stagesAvailable: answer.StagesAvailable,
      ...bodyOf(answer.TemplateBody ?? ''),
    };
  },
});

function bodyOf(text: string): { template: JsonObject } | { templateBody: string } {
  try {
    const template: unknown = JSON.parse(text);
    if (isRecord(template)) return { template: shownJson(template) as JsonObject };
  } catch {
    // Templates are YAML as often.
  }
  return { templateBody: escapeUnseen(text) };
}
