import { type LetterNewsRow, LettersFrame, RECENT_NEWS_MS } from "#contracts/api/letter-frames";
import { type Run, RunDetail } from "#contracts/api/replays";
import { type LetterNews, mergeNews } from "#server/dead-letters/letter-news";
import { readStanding } from "#server/dead-letters/letter-standing";
import { getRun, isUnderWay, listRunsUnderWay } from "#server/dead-letters/run-queries";
import { Problem } from "#server/platform/problem";

const TICK_MS = 100;
/** Between two readings for news, or of a run under way, ms: an operator sees either within a second. */
const BUSY_MS = 500;
/** Between two readings while nothing is told, ms: they prove that the page is fresh, and find what nobody told. */
const IDLE_MS = 2_000;
/** What a run changed goes on changing after it: its orders move. */
const RECEIPT_MS = 5_000;
/** A reading never takes more than this part of the time. */
const SHARE = 1 / 4;

const nothing: LetterNews = { groupIds: [], runIds: [] };

/**
 * One reader of dead letters for any number of viewers. It reads when something was told or a run is under way, at once
 * and then at most twice a second, else every 2 s; and nothing while nobody looks.
 */
export function letterFrames(options: {
  isWatched(): boolean;
  watchedRuns(): readonly string[];
  /** How it stands, and the causes whose letters changed. */
  send(frame: LettersFrame, news: LetterNewsRow[]): void;
  sendRun(runId: string, detail: RunDetail): void;
  onError(error: Error): void;
}) {
  const { isWatched, watchedRuns, send, sendRun, onError } = options;
  let news: LetterNews | null = null;
  let recent: { atMs: number; news: LetterNews }[] = [];
  let isReading = false;
  let readMs = Number.NEGATIVE_INFINITY;
  let busyReadMs = Number.NEGATIVE_INFINITY;
  let tookMs = 0;
  /** Of what was read before, while somebody looked. */
  let known = { isCurrent: false, counts: "", runs: new Map<string, string>(), active: [] as string[] };
  const receiptsMs = new Map<string, number>();

  const hear = (told: LetterNews) => {
    news = mergeNews([news ?? nothing, told]);
  };

  const remember = (counts: LettersFrame["counts"], runs: readonly Run[]) => {
    known = {
      isCurrent: true,
      counts: JSON.stringify(counts),
      runs: new Map(runs.map((run) => [run.runId, JSON.stringify(run.counts)])),
      active: runs.filter(isUnderWay).map(({ runId }) => runId),
    };
  };

  /** What is so now, with what has changed since the reading before. */
  const read = async (told: LetterNews | null): Promise<[frame: LettersFrame, news: LetterNewsRow[]]> => {
    const runIds = [...known.active, ...(told?.runIds ?? [])];
    const [standing, runs] = await Promise.all([readStanding(), listRunsUnderWay(runIds)]);
    const { isCurrent } = known;
    const haveRunsMoved = isCurrent && runs.some((run) => known.runs.get(run.runId) !== JSON.stringify(run.counts));
    const haveCountsMoved = isCurrent && JSON.stringify(standing.counts) !== known.counts;
    remember(standing.counts, runs);
    // A run moves letters of any cause without a word; whoever stores new ones says of which causes they are.
    const groupIds = haveRunsMoved ? null : told ? told.groupIds : haveCountsMoved ? null : [];
    return [LettersFrame.parse({ at: new Date().toISOString(), ...standing, runs }), asRows(groupIds)];
  };

  const sendReceipts = async (runs: readonly Run[], now: number) => {
    const watched = new Set(watchedRuns());
    for (const runId of receiptsMs.keys()) if (!watched.has(runId)) receiptsMs.delete(runId);
    for (const runId of watched) {
      const isOld = now - (receiptsMs.get(runId) ?? Number.NEGATIVE_INFINITY) >= RECEIPT_MS;
      if (!isOld && !runs.some((run) => run.runId === runId)) continue;
      receiptsMs.set(runId, now);
      const detail = await findRun(runId);
      if (detail) sendRun(runId, detail);
    }
  };

  const turn = async () => {
    const now = performance.now();
    const isBusy = news !== null || known.active.length > 0;
    // News waits for the news before it only: a reading that found nothing to tell keeps nobody waiting.
    const sinceMs = now - (isBusy ? busyReadMs : readMs);
    if (!isWatched()) known.isCurrent = false;
    if (isReading || sinceMs < Math.max(isBusy ? BUSY_MS : IDLE_MS, tookMs / SHARE) || !isWatched()) return;
    isReading = true;
    readMs = now;
    if (isBusy) busyReadMs = now;
    const told = news;
    news = null;
    try {
      const [frame, rows] = await read(told);
      send(frame, rows);
      await sendReceipts(frame.runs, now);
    } catch (error) {
      if (told) hear(told);
      onError(error as Error);
    } finally {
      tookMs = performance.now() - now;
      isReading = false;
    }
  };
  const timer = setInterval(() => void turn(), TICK_MS);
  const toldLately = (): LetterNews => {
    const now = performance.now();
    return mergeNews(recent.filter(({ atMs }) => now - atMs < RECENT_NEWS_MS).map((one) => one.news));
  };

  return {
    onNews(told: LetterNews) {
      const now = performance.now();
      recent = [...recent.filter(({ atMs }) => now - atMs < RECENT_NEWS_MS), { atMs: now, news: told }];
      hear(told);
    },
    /** How it stands: what a new viewer sees first. */
    async current(): Promise<LettersFrame> {
      const [standing, runs] = await Promise.all([readStanding(), listRunsUnderWay(toldLately().runIds ?? [])]);
      if (!known.isCurrent) remember(standing.counts, runs);
      return LettersFrame.parse({ at: new Date().toISOString(), ...standing, runs });
    },
    /** What was told while a new viewer's page was on its way. */
    recentNews: (): LetterNewsRow[] => asRows(toldLately().groupIds),
    stop: () => clearInterval(timer),
  };
}

const asRows = (groupIds: readonly string[] | null): LetterNewsRow[] =>
  groupIds === null ? [{ groupId: null }] : groupIds.map((groupId) => ({ groupId }));

/** A run with its receipt. @throws Problem 404 where there is none. */
export const readRun = async (runId: string): Promise<RunDetail> => RunDetail.parse(await getRun(runId));

/** Null where there is no such run. */
async function findRun(runId: string): Promise<RunDetail | null> {
  try {
    return await readRun(runId);
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}
