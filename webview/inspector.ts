import { connectHost } from './connectHost';
import { InspectorApp } from './inspectorApp';
import { InspectorModel } from './inspectorModel';
import { ReplayModel } from './replay/replayModel';
import { SchemaModel } from './schemas/schemasModel';
import { StatisticsModel } from './statistics/statisticsModel';
import { adoptStyles } from './styles/adoptStyles';
import { TimelineModel } from './timeline/timelineModel';
import { TryItModel } from './tryIt/tryItModel';
import { registerControls } from './ui/controls';

adoptStyles();
registerControls();

const host = connectHost();
const model = new InspectorModel(host);
host.onMessage((message) => model.receive(message));
const statistics = new StatisticsModel(host, model);
const timeline = new TimelineModel(host, model);
const schemas = new SchemaModel(host, model);
const tryIt = new TryItModel(host, model);
const replay = new ReplayModel(host, model);
schemas.openTryIt = (server, kind, name) => tryIt.open(server, kind, name);
replay.openInTryIt = (server, name, input) => tryIt.open(server, 'tools', name, input);
InspectorApp.start({ model, statistics, timeline, schemas, tryIt, replay });
model.start();
