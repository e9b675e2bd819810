// The limits of Excel. Source: "Excel specifications and limits" and "Rename a worksheet", support.microsoft.com.

/** The rows of a sheet, without its header. */
export const MAX_SHEET_ROWS = 1_048_575
/** The columns of a sheet. */
export const MAX_SHEET_COLUMNS = 16_384
/** The UTF-16 units that a cell holds. */
export const MAX_CELL_LENGTH = 32_767
/** The digits of a number that Excel keeps. */
export const MAX_DIGITS = 15
/** The characters of the name of a sheet. */
export const MAX_SHEET_NAME_LENGTH = 31
