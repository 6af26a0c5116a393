/** The platforms HyperShift reads overrides of; all others are ignored by it (overrides.go). */
export const PLATFORMS = ['aws', 'azure'] as const;
export type Platform = (typeof PLATFORMS)[number];

/** What is to be put into HyperShift's overrides file: one image for versions of one line, on some platforms. */
export type OverrideChange = {
  readonly platforms: readonly Platform[];
  /** `X.Y`. */
  readonly line: string;
  /** Exact versions of the line; see `versionsOfLine`. */
  readonly versions: readonly string[];
  /** By digest. */
  readonly image: string;
  /** What the comments are to name, e.g. a ticket. */
  readonly ticket: string;
};

export type Edited = {
  readonly text: string;
  /** Versions that had no override, and such whose image was replaced, as `aws 4.19.7`. */
  readonly added: readonly string[];
  readonly replaced: readonly { readonly where: string; readonly was: string }[];
};

/** Whether the newer image contains everything the older one was put there for; undefined: nobody knows. */
export type Contains = (older: string, newer: string) => boolean | undefined;

export type LineVersions = {
  readonly versions: readonly string[];
  /** Of these, versions that the update graph does not show: clusters may run them all the same. */
  readonly skipped: readonly string[];
  /** What somebody has to know before it is merged. */
  readonly warning?: string;
};

/** One branch of the change: what was done there, and which pull requests its image claims to hold. */
export type BranchOverrides = {
  /** `X.Y`. */
  readonly branch: string;
  readonly platforms: readonly string[];
  readonly versions: readonly string[];
  readonly image: string;
  /** The commit the image was built from. */
  readonly commit: string;
  /** Addresses on GitHub, of that branch. */
  readonly wants: readonly string[];
  /** Versions that the update graph skips. */
  readonly skipped: readonly string[];
  readonly replacedImages: readonly string[];
  /** The first version whose release has the fix; absent: nobody knows yet. */
  readonly nativeFrom?: string;
};

/** HyperShift's overrides file, edited as text: everything that is not of the change stays as it is, to the byte. */
export interface OverridesFile {
  add(text: string, change: OverrideChange, contains: Contains): Edited | { readonly refused: string };
  versionsOfLine(it: {
    readonly line: string;
    readonly graph: readonly string[];
    readonly first?: string;
    readonly nativeFrom?: string;
  }): LineVersions | { readonly refused: string };
  pullRequestText(it: {
    readonly ticket: string;
    readonly about: string;
    readonly branches: readonly BranchOverrides[];
  }): { readonly title: string; readonly body: string } | { readonly refused: string };
}
