import { type WireRow, widgets, web, widget } from './row.ts';

export const paths: readonly WireRow[] = [
  { section: '1', name: 'a trailing slash', request: ['GET', `${widgets}/`], code: 200, says: /WidgetList/ },
  {
    section: '1',
    name: 'watch=false is a list',
    request: ['GET', `${widgets}?watch=false`],
    code: 200,
    says: /WidgetList/,
  },
  {
    section: '1',
    name: 'a namespaced path of a cluster kind',
    request: ['GET', '/apis/muster.dev/v1alpha1/namespaces/default/members'],
    code: 404,
    says: /^404 page not found/,
  },
  {
    section: '1',
    name: 'an item of a namespaced kind without namespace',
    request: ['GET', '/apis/example.com/v1/widgets/web'],
    code: 404,
    says: /^404 page not found/,
  },
  {
    section: '1',
    name: 'a list in a namespace that does not exist',
    request: ['GET', '/apis/example.com/v1/namespaces/nowhere/widgets'],
    code: 200,
    says: /"items":\[\]/,
  },
  {
    section: '1',
    name: 'a create in a namespace that does not exist',
    request: ['POST', '/apis/example.com/v1/namespaces/nowhere/widgets'],
    body: widget('x'),
    code: 404,
    reason: 'NotFound',
    says: /namespaces "nowhere" not found/,
  },
  {
    section: '1',
    name: 'indented JSON for people',
    request: ['GET', `${web}?pretty=true`],
    code: 200,
    says: /^\{\n {2}"/,
  },
  {
    section: '1',
    name: 'indented JSON for curl',
    request: ['GET', web],
    headers: { 'user-agent': 'curl/8.0' },
    code: 200,
    says: /^\{\n {2}"/,
  },
  {
    section: '1',
    name: 'a timeout parameter on discovery',
    request: ['GET', '/apis?timeout=32s'],
    code: 200,
    says: /APIGroupList/,
  },
];
