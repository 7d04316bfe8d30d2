import { chmod, chown, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../../base/clock.ts';
import { inStep } from '../../../base/in-step.ts';
import type { CommandRunner } from '../../exec/command.ts';
import { HostError } from '../../exec/host-error.ts';
import { identifyProcess, isAlive, readBootId } from '../../exec/process-identity.ts';
import { writeFileAtomic } from '../../exec/write-file-atomic.ts';
import type { InstanceDriver, InstanceObservation, InstanceSpec, InstanceStep } from '../driver.ts';
import { cgroupBaseOf, removeCgroups } from './lxc-cgroups.ts';
import { attachNicScript, buildLxcConfig, type LxcHost } from './lxc-config.ts';
import { readLxcState, writeLxcState, type LxcState } from './lxc-state.ts';
import { createLxcTools, type LxcTools } from './lxc-tools.ts';

export interface LxcDriverDeps {
  readonly commands: CommandRunner;
  readonly clock: Clock;
  readonly host: LxcHost;
  /** Directory of this driver alone; its parents must let the containers' root pass. */
  readonly directory: string;
}

const exitCheckMs = 1_000;

/** Containers on liblxc, unprivileged, each supervised by liblxc's own monitor process. */
export async function createLxcDriver(deps: LxcDriverDeps): Promise<InstanceDriver> {
  const { directory, host } = deps;
  await mkdir(directory, { recursive: true });
  await chown(directory, 0, host.idMap.base);
  // A container's root must pass on the way to its root file system; nobody else has business here.
  await chmod(directory, 0o710);
  await writeFileAtomic(join(directory, attachNicName), attachNicScript, 0o700);
  return new LxcDriver(deps);
}

const attachNicName = 'attach-nic';

class LxcDriver implements InstanceDriver {
  readonly name = 'lxc';
  readonly #deps: LxcDriverDeps;
  readonly #tools: LxcTools;
  readonly #cgroupBase: string;
  /** The state files, as last read or written: we are their only writer. */
  readonly #states = new Map<string, LxcState>();
  /** Called when there is one more. */
  readonly #watches = new Set<() => void>();

  constructor(deps: LxcDriverDeps) {
    this.#deps = deps;
    this.#tools = createLxcTools(deps.commands, deps.directory);
    this.#cgroupBase = cgroupBaseOf(deps.directory);
  }

  async list(): Promise<readonly string[]> {
    const entries = await readdir(this.#deps.directory, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  async observe(name: string, signal: AbortSignal): Promise<InstanceObservation | undefined> {
    const state = await this.#load(name);
    if (state === undefined) return this.#observeHalfMade(name, signal);
    const { spec, start, stopRequestedAtMs } = state;
    const known = {
      name,
      uid: spec.uid,
      epoch: spec.epoch,
      spec,
      isOutdated: start !== undefined && !isSameSpec(start.spec, spec),
      ...(start === undefined ? {} : { startedAtMs: start.atMs }),
      ...(stopRequestedAtMs === undefined ? {} : { stopRequestedAtMs }),
    };
    if (state.init !== undefined && (await isAlive(state.init))) {
      return { ...known, state: 'Running', pid: state.init.pid };
    }
    if (start?.isOpen !== true) return { ...known, state: 'Stopped', isOutdated: false };
    return this.#askLiblxc(state, known, signal);
  }

  async readAddresses(name: string, signal: AbortSignal): ReturnType<InstanceDriver['readAddresses']> {
    const init = (await this.#load(name))?.init;
    if (init === undefined || !(await isAlive(init))) return [];
    const addresses = await this.#tools.readAddresses(init.pid, signal);
    // The process id may have changed hands while we looked.
    return (await isAlive(init)) ? addresses : [];
  }

  async apply(step: InstanceStep, signal: AbortSignal): Promise<void> {
    switch (step.action) {
      case 'define':
        await this.#define(step.spec);
        return;
      case 'start':
        await this.#start(step.name, signal);
        return;
      case 'requestStop':
        await this.#requestStop(step.name, signal);
        return;
      case 'kill':
        if ((await this.observe(step.name, signal))?.state === 'Running')
          await this.#tools.kill(step.name, signal);
        return;
      case 'delete':
        await this.#delete(step.name, signal);
    }
  }

  watchExits(onExit: (name: string) => void, signal: AbortSignal): void {
    const { clock } = this.#deps;
    const told = new Map<string, number>();
    let cancel: (() => void) | undefined;
    const look = async (): Promise<void> => {
      for (const [name, { init }] of this.#states) {
        if (init === undefined || told.get(name) === init.pid || (await isAlive(init))) continue;
        told.set(name, init.pid);
        onExit(name);
      }
      cancel = undefined;
      arm();
    };
    const arm = (): void => {
      // A host without containers need not wake for them.
      if (signal.aborted || this.#states.size === 0) return;
      cancel ??= clock.after(inStep(clock, exitCheckMs), () => void look());
    };
    this.#watches.add(arm);
    arm();
    signal.addEventListener(
      'abort',
      () => {
        cancel?.();
        this.#watches.delete(arm);
      },
      { once: true },
    );
  }

  async #observeHalfMade(name: string, signal: AbortSignal): Promise<InstanceObservation | undefined> {
    if (!(await this.list()).includes(name)) return undefined;
    const { state, pid } = await this.#tools.info(name, signal);
    return {
      name,
      uid: '',
      epoch: 0,
      isOutdated: false,
      ...(state === 'STOPPED' || pid === undefined ? { state: 'Stopped' } : { state: 'Running', pid }),
    };
  }

  /** The process we knew is gone, or we never learned of one: a start was cut off, or it reboots, or it ended. */
  async #askLiblxc(
    state: LxcState,
    known: Omit<InstanceObservation, 'pid' | 'state'>,
    signal: AbortSignal,
  ): Promise<InstanceObservation> {
    const { init: _ended, start, ...rest } = state;
    const info = await this.#tools.info(known.name, signal);
    if (info.pid !== undefined && info.state === 'RUNNING') {
      const init = await identifyProcess(info.pid);
      if (init !== undefined) {
        await this.#save(known.name, { ...state, init });
        return { ...known, state: 'Running', pid: init.pid };
      }
    }
    if (info.state !== 'STOPPED') return { ...known, state: 'Changing' };
    const isThisBoot = start?.bootId === (await readBootId());
    const { startedAtMs: _before, ...others } = known;
    if (start !== undefined && isThisBoot) {
      await this.#save(known.name, { ...rest, start: { ...start, isOpen: false } });
      return { ...known, state: 'Stopped', isOutdated: false };
    }
    await this.#save(known.name, rest);
    return { ...others, state: 'Stopped', isOutdated: false };
  }

  async #define(spec: InstanceSpec): Promise<void> {
    const state = await this.#load(spec.name);
    if (state !== undefined && state.spec.uid === spec.uid && state.spec.epoch > spec.epoch) {
      const newer = `epoch ${state.spec.epoch} was seen here, epoch ${spec.epoch} is older`;
      throw new HostError('Busy', `defining container ${spec.name}: ${newer}`);
    }
    if (state !== undefined && isSameSpec(state.spec, spec)) return;
    await this.#save(spec.name, { ...state, spec });
  }

  async #start(name: string, signal: AbortSignal): Promise<void> {
    const observed = await this.observe(name, signal);
    if (observed?.state === 'Running') return;
    const state = await this.#load(name);
    if (state === undefined) throw new HostError('NotFound', `starting container ${name}: it is not defined`);
    const { spec } = state;
    const { clock, directory, host } = this.#deps;
    const places = {
      directory: join(directory, name),
      attachNic: join(directory, attachNicName),
      cgroup: this.#cgroupOf(name),
    };
    await writeFileAtomic(join(directory, name, 'config'), buildLxcConfig(spec, host, places));
    const start = { atMs: clock.now(), bootId: await readBootId(), spec, isOpen: true };
    await this.#save(name, { spec, start });
    // Left behind when the monitor was killed; liblxc refuses to start into cgroups that exist.
    await removeCgroups(this.#cgroupOf(name));
    try {
      await this.#tools.start(name, signal);
    } catch (error) {
      // An interface that an earlier try left behind would fail every later one.
      await this.#tools.removeLinks(spec.nics, signal);
      throw error;
    }
    await this.observe(name, signal);
  }

  async #requestStop(name: string, signal: AbortSignal): Promise<void> {
    const state = await this.#load(name);
    if (state === undefined || (await this.observe(name, signal))?.state !== 'Running') return;
    if (state.stopRequestedAtMs === undefined) {
      const current = (await this.#load(name)) ?? state;
      await this.#save(name, { ...current, stopRequestedAtMs: this.#deps.clock.now() });
    }
    await this.#tools.requestStop(name, signal);
  }

  async #delete(name: string, signal: AbortSignal): Promise<void> {
    const observed = await this.observe(name, signal);
    if (observed === undefined) return;
    if (observed.state !== 'Stopped') throw new HostError('InUse', `deleting container ${name}: it runs`);
    await this.#tools.removeLinks(observed.spec?.nics ?? [], signal);
    await removeCgroups(this.#cgroupOf(name));
    await rm(join(this.#deps.directory, name), { recursive: true, force: true });
    this.#states.delete(name);
  }

  #cgroupOf(name: string): string {
    return `${this.#cgroupBase}/${name}`;
  }

  async #load(name: string): Promise<LxcState | undefined> {
    const known = this.#states.get(name);
    if (known !== undefined) return known;
    const state = await readLxcState(join(this.#deps.directory, name));
    if (state !== undefined) this.#know(name, state);
    return state;
  }

  async #save(name: string, state: LxcState): Promise<void> {
    await writeLxcState(join(this.#deps.directory, name), state);
    this.#know(name, state);
  }

  #know(name: string, state: LxcState): void {
    this.#states.set(name, state);
    for (const arm of this.#watches) arm();
  }
}

function isSameSpec(a: InstanceSpec, b: InstanceSpec): boolean {
  return isDeepStrictEqual(a, b);
}
