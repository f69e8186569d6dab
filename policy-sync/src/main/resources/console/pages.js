/** The pages, in the order of the navigation. */
import { accessPage } from './pages/network-access.js';
import { agentsPage } from './pages/agents.js';
import { auditPage } from './pages/audit.js';
import { deniedPage } from './pages/denied.js';
import { historyPage } from './pages/history.js';
import { namespacesPage } from './pages/namespaces.js';
import { presetsPage } from './pages/presets.js';
import { sessionsPage } from './pages/sessions.js';
import { signInsPage } from './pages/sign-ins.js';
import { tokensPage } from './pages/tokens.js';
import { tryPage } from './pages/try-a-name.js';
import { welcomePage } from './pages/welcome.js';

export const PAGES = [
  { id: 'network-access', title: 'Network access', icon: 'shield', group: 'Policy', needsOrg: true, render: accessPage },
  { id: 'try', title: 'Try a name', icon: 'search', group: 'Policy', needsOrg: true, render: tryPage },
  { id: 'agents', title: 'Agents', icon: 'agent', group: 'Policy', needsOrg: true, render: agentsPage },
  { id: 'namespaces', title: 'Namespaces', icon: 'cluster', group: 'Policy', needsOrg: true, render: namespacesPage },
  { id: 'history', title: 'History', icon: 'clock', group: 'Policy', needsOrg: true, render: historyPage },
  { id: 'denied', title: 'Denied', icon: 'stop', group: 'Traffic', needsOrg: true, render: deniedPage },
  { id: 'sessions', title: 'Sessions', icon: 'boxes', group: 'Traffic', needsOrg: true, render: sessionsPage },
  { id: 'welcome', title: 'Welcome', icon: 'people', group: '', needsOrg: false, render: welcomePage },
  { id: 'presets', title: 'Presets', icon: 'book', group: 'Records', needsOrg: false, render: presetsPage },
  { id: 'audit', title: 'Audit', icon: 'list', group: 'Records', needsOrg: false, roles: ['platform-admin', 'org-admin'], render: auditPage },
  { id: 'tokens', title: 'Tokens', icon: 'key', group: 'Records', needsOrg: false, roles: ['platform-admin', 'org-admin'], render: tokensPage },
  { id: 'sign-ins', title: 'Sign-ins', icon: 'people', group: 'Records', needsOrg: false, roles: ['platform-admin'], render: signInsPage },
];
