/** The server's default for a new password; where it is set to ask for more, its own answer is shown on the field. */
export const PASSWORD_MIN = 10;

const ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";

/** A first password to hand over; letters that look alike are left out. */
export function suggestPassword(): string {
  const picks = crypto.getRandomValues(new Uint32Array(14));
  return Array.from(picks, (pick) => ALPHABET[pick % ALPHABET.length]).join("");
}
