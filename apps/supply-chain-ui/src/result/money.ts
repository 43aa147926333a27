const dollars = new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD', maximumFractionDigits: 0 });
const number = new Intl.NumberFormat('en-US');

export function formatMoney(amount: number): string {
  return dollars.format(amount);
}

export function formatCount(count: number): string {
  return number.format(count);
}
