export { type Product, productChoicesOptions } from "./api";
export { ProductsPage } from "./products-page";
export { productsSearchSchema } from "./search";
