import { connectHost } from './hostConnection';
import { InspectorApp } from './inspectorApp';
import { InspectorModel } from './inspectorModel';
import { adoptStyles } from './styles/adoptStyles';
import { registerControls } from './ui/controls';

adoptStyles();
registerControls();

const host = connectHost();
const model = new InspectorModel(host);
host.onMessage((message) => model.receive(message));
InspectorApp.start(model);
model.start();
