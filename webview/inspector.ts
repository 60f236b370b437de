import { connectHost } from './hostConnection';
import { InspectorApp } from './inspectorApp';
import { InspectorModel } from './inspectorModel';
import { StatisticsModel } from './statistics/statisticsModel';
import { adoptStyles } from './styles/adoptStyles';
import { TimelineModel } from './timeline/timelineModel';
import { registerControls } from './ui/controls';

adoptStyles();
registerControls();

const host = connectHost();
const model = new InspectorModel(host);
host.onMessage((message) => model.receive(message));
const statistics = new StatisticsModel(host, model);
const timeline = new TimelineModel(host, model);
InspectorApp.start({ model, statistics, timeline });
model.start();
