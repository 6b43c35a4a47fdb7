/** The props of the account menus. */
export interface AccountProps {
  /** The tenant whose role is shown. */
  tenant: string | undefined;
  /** Opens the menus downwards, for the header of a page. */
  below?: boolean;
  /** Called when a link is chosen, so that the drawer closes. */
  onChosen?: (() => void) | undefined;
}
