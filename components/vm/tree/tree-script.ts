export const TREE_STORAGE_KEY = 'portlight.tree';
/** The property on <html> that the place of the tree gets its width from. */
export const TREE_WIDTH_PROPERTY = '--portlight-tree-width';

/** Runs in <head>: the list must not move when the tree comes, so its place has its size before the first paint. */
export const TREE_SCRIPT = `try{const t=JSON.parse(localStorage.getItem('${TREE_STORAGE_KEY}'))||{},d=document.documentElement;if(t.width>0)d.style.setProperty('${TREE_WIDTH_PROPERTY}',t.width+'px');if(t.isShut)d.dataset.tree='shut'}catch{};`;
