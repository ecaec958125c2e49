/** What a command threw once its campaign was known. */
export class CampaignFailure extends Error {
  override readonly name = "CampaignFailure";
  readonly campaign: string;

  constructor(campaign: string, cause: unknown) {
    super(`In campaign ${campaign}`, { cause });
    this.campaign = campaign;
  }
}

/** Runs the part of a command that works on a campaign, so that whatever it throws is reported with the campaign's id. */
export async function inCampaign<T>(
  campaign: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw campaign === undefined ? error : new CampaignFailure(campaign, error);
  }
}
