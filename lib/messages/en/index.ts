import access from './access.json';
import bulk from './bulk.json';
import clusters from './clusters.json';
import common from './common.json';
import compute from './compute.json';
import configure from './configure.json';
import consoles from './consoles.json';
import create from './create.json';
import devices from './devices.json';
import diagnose from './diagnose.json';
import disks from './disks.json';
import editor from './editor.json';
import errors from './errors.json';
import form from './form.json';
import guest from './guest.json';
import list from './list.json';
import networks from './networks.json';
import objects from './objects.json';
import overview from './overview.json';
import query from './query.json';
import scheduling from './scheduling.json';
import screens from './screens.json';
import search from './search.json';
import shell from './shell.json';
import shortcuts from './shortcuts.json';
import signIn from './sign-in.json';
import tasks from './tasks.json';
import templates from './templates.json';
import tree from './tree.json';
import vm from './vm.json';
import yaml from './yaml.json';

/** All interface text in English. One file per part of the interface; ICU message syntax. */
export const messages = {
  access,
  bulk,
  clusters,
  common,
  compute,
  configure,
  consoles,
  create,
  devices,
  diagnose,
  disks,
  editor,
  errors,
  form,
  guest,
  networks,
  objects,
  overview,
  query,
  list,
  scheduling,
  screens,
  search,
  shell,
  shortcuts,
  signIn,
  tasks,
  templates,
  tree,
  vm,
  yaml,
};

export type Messages = typeof messages;
