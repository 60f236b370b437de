import assert from 'node:assert/strict';
import { nameOfArn } from '../../../src/aws/callerArn';

describe('nameOfArn', () => {
  const table: [arn: string, name: string][] = [
    ['arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Developer_0123456789abcdef/jane', 'Developer'],
    [
      'arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Read_Only_Access_0123456789abcdef/jane@x.org',
      'Read_Only_Access',
    ],
    ['arn:aws-us-gov:sts::111122223333:assumed-role/Deploy/mcp-workbench', 'Deploy'],
    ['arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_NoHash/jane', 'AWSReservedSSO_NoHash'],
    ['arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_0123456789abcdef', 'Ops'],
    ['arn:aws:iam::111122223333:role/service-role/path/Worker', 'Worker'],
    ['arn:aws:iam::111122223333:user/jane', 'jane'],
    ['arn:aws-cn:iam::111122223333:user/team/a/jane', 'jane'],
    ['arn:aws:sts::111122223333:federated-user/jane', 'jane'],
    ['arn:aws:iam::111122223333:root', 'root'],
    ['nonsense', 'nonsense'],
    ['', ''],
  ];
  for (const [arn, name] of table) {
    it(`${arn || '(empty)'} is ${name || '(empty)'}`, () => assert.equal(nameOfArn(arn), name));
  }
});
