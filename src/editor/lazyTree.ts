import * as vscode from 'vscode';

/** Stands in for a tree from the start and loads it when the editor first asks for its rows. */
export class LazyTree<T> implements vscode.TreeDataProvider<T>, vscode.Disposable {
  readonly #load: () => Promise<vscode.TreeDataProvider<T>>;
  readonly #changed = new vscode.EventEmitter<T | T[] | undefined | null | void>();
  readonly onDidChangeTreeData = this.#changed.event;
  #tree: vscode.TreeDataProvider<T> | undefined;
  #subscription: vscode.Disposable | undefined;

  constructor(load: () => Promise<vscode.TreeDataProvider<T>>) {
    this.#load = load;
  }

  async getChildren(element?: T): Promise<T[]> {
    const tree = await this.#get();
    return (await tree.getChildren(element)) ?? [];
  }

  async getTreeItem(element: T): Promise<vscode.TreeItem> {
    const tree = await this.#get();
    return tree.getTreeItem(element);
  }

  dispose(): void {
    this.#subscription?.dispose();
    this.#changed.dispose();
  }

  async #get(): Promise<vscode.TreeDataProvider<T>> {
    const tree = await this.#load();
    if (tree !== this.#tree) {
      this.#tree = tree;
      this.#subscription = tree.onDidChangeTreeData?.((element) => this.#changed.fire(element));
    }
    return tree;
  }
}
