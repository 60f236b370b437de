'use strict';

const path = require('node:path');
const { Annotations, App, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib');
const cloudwatch = require('aws-cdk-lib/aws-cloudwatch');
const lambda = require('aws-cdk-lib/aws-lambda');
const s3 = require('aws-cdk-lib/aws-s3');

/** Where the reports are kept. */
class StorageStack extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.bucket = new s3.Bucket(this, 'Reports', {
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ expiration: Duration.days(30) }],
    });
  }
}

/** A function that counts the reports of a bucket. */
class ReportStack extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.handler = new lambda.Function(this, 'Count', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(path.join(__dirname, 'functions', 'report')),
      timeout: Duration.seconds(10),
      environment: { BUCKET: props.bucket.bucketName },
    });
    props.bucket.grantRead(this.handler);
  }
}

/** An alarm on the function's errors. */
class WatchStack extends Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const alarm = new cloudwatch.Alarm(this, 'Errors', {
      metric: props.handler.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
    });
    Annotations.of(alarm).addWarningV2('sample:alarmWithoutAction', 'The alarm tells nobody: give it an action.');
  }
}

const app = new App();
const stage = app.node.tryGetContext('stage') ?? 'dev';
const tags = { application: 'workbench-sample', stage };

const { bucket } = new StorageStack(app, 'SampleStorage', { stackName: `sample-storage-${stage}`, tags });
const { handler } = new ReportStack(app, 'SampleReport', { stackName: `sample-report-${stage}`, tags, bucket });
new WatchStack(app, 'SampleWatch', { stackName: `sample-watch-${stage}`, tags, handler });

app.synth();
