declare module "~icons/tabler/*" {
  const icon: import("./ui/icon").Icon;
  export default icon;
}
